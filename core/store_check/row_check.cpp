// Links between rows.
#include "core/store_check/row_check.hpp"

#include "core/base/encoding.hpp"

namespace lntpay {

std::string due_name(const DueWork& work) { return std::string(work.kind).append("/").append(work.tenant.key(work.id)); }

void RowCheck::expect_hash(std::size_t position) {
  expect(hex_decode32(names[position]).has_value(), "has no valid hash in its key");
}

void RowCheck::needs(std::string key) {
  auto missing = "has no row " + key;
  links.push_back({std::move(key), [missing](const Entry* linked) { return linked == nullptr ? missing : std::string(); }});
}

void RowCheck::needs(std::string key, std::string value) {
  auto missing = "has no row " + key;
  links.push_back({std::move(key), [missing, value = std::move(value)](const Entry* linked) {
                     if (linked == nullptr) return missing;
                     return linked->value == value ? std::string() : "does not agree with " + linked->key;
                   }});
}

void RowCheck::needs_due(std::string_view kind, std::string_view id) {
  const bool has = due.contains(due_name({std::string(kind), tenant.scope, std::string(id)}));
  if (tenant.current) expect(has, "has no due row");
}

}  // namespace lntpay
