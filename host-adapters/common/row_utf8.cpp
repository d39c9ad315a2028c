// Checking the rows of a store's reply.
#include "host-adapters/common/row_utf8.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/base/utf8.hpp"
#include "core/storage/row.hpp"

namespace lntpay::host {
namespace {

bool is_utf8_row(const Entry& row) { return is_utf8(row.key) && is_utf8(row.value); }

}  // namespace

Reply with_utf8_rows(Reply reply, const std::function<void(const Entry&)>& report) {
  if (const auto* got = std::get_if<Entries>(&reply)) {
    const auto damaged = std::ranges::find_if(got->entries, [](const auto& row) { return row && !is_utf8_row(*row); });
    if (damaged == got->entries.end()) return reply;
    report(**damaged);
    return Failed{std::string(unreadable_row)};
  }
  auto* scanned = std::get_if<Scanned>(&reply);
  if (scanned == nullptr) return reply;
  std::erase_if(scanned->entries, [&](Entry& row) {
    if (is_utf8_row(row)) return false;
    report(row);
    row.value = "?";
    return !is_utf8(row.key);
  });
  return reply;
}

}  // namespace lntpay::host
