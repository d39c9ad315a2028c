// Checking effects against the limits, each with the reason of its rejection.
#include "host-adapters/stores/rules/store_limits.hpp"

#include <variant>

namespace lntpay::host {
namespace {

using Refusal = std::optional<std::string>;

std::string over(const char* what, std::size_t is, std::size_t max) {
  return std::string{what} + " " + std::to_string(is) + ", the limit is " + std::to_string(max);
}

Refusal refuse_key(std::string_view key) {
  if (key.empty()) return "a key is empty";
  if (key.size() > key_bytes_max) return over("bytes in a key:", key.size(), key_bytes_max);
  if (key.contains('\0')) return "a key contains U+0000";
  return std::nullopt;
}

}  // namespace

const std::string& key_of(const Op& op) {
  return std::visit([](const auto& one) -> const std::string& { return one.key; }, op);
}

Refusal refusal(const Get& asked) {
  if (asked.keys.size() > get_keys_max) return over("keys in a get:", asked.keys.size(), get_keys_max);
  for (const auto& key : asked.keys) {
    if (auto why = refuse_key(key)) return why;
  }
  return std::nullopt;
}

Refusal refusal(const Range& asked) {
  if (asked.limit == 0) return "the limit of a scan is 0";
  if (asked.limit > scan_limit_max) return over("rows in a scan:", asked.limit, scan_limit_max);
  if (asked.prefix.size() > key_bytes_max) return over("bytes in a prefix:", asked.prefix.size(), key_bytes_max);
  if (asked.after.size() > key_bytes_max) return over("bytes in `after`:", asked.after.size(), key_bytes_max);
  return std::nullopt;
}

Refusal refusal(const Commit& asked) {
  if (asked.checks.size() > commit_checks_max) return over("checks in a commit:", asked.checks.size(), commit_checks_max);
  if (asked.ops.size() > commit_ops_max) return over("operations in a commit:", asked.ops.size(), commit_ops_max);
  std::size_t volatile_keys = 0;
  for (const auto& check : asked.checks) {
    if (auto why = refuse_key(check.key)) return why;
    volatile_keys += is_volatile(check.key) ? 1 : 0;
  }
  for (const auto& op : asked.ops) {
    if (auto why = refuse_key(key_of(op))) return why;
    volatile_keys += is_volatile(key_of(op)) ? 1 : 0;
    if (const auto* put = std::get_if<Put>(&op); put && put->value.size() > value_bytes_max) {
      return over("bytes in a value:", put->value.size(), value_bytes_max);
    }
  }
  if (volatile_keys != 0 && volatile_keys != asked.checks.size() + asked.ops.size()) {
    return "a commit has durable and volatile keys";
  }
  return std::nullopt;
}

}  // namespace lntpay::host
