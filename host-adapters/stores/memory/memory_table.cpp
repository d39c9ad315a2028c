// Lookups, scans by interval, and writes.
#include "host-adapters/stores/memory/memory_table.hpp"

#include <algorithm>
#include <variant>

#include "host-adapters/stores/rules/key_span.hpp"
#include "host-adapters/stores/rules/store_limits.hpp"

namespace lntpay::host {
namespace {

Entry entry_of(const Table::Rows::value_type& row) { return {row.first, row.second.value, row.second.version}; }

}  // namespace

std::optional<Entry> Table::find(const std::string& key) const {
  const auto at = rows_.find(key);
  if (at == rows_.end()) return std::nullopt;
  return entry_of(*at);
}

std::vector<Entry> Table::scan(const Range& asked) const {
  const auto span = span_of(asked);
  std::vector<Entry> found;
  if (span.end && *span.end <= span.first) return found;
  auto first = rows_.lower_bound(span.first);
  auto end = span.end ? rows_.lower_bound(*span.end) : rows_.end();
  while (first != end && found.size() < asked.limit) {
    found.push_back(entry_of(asked.reverse ? *--end : *first++));
  }
  return found;
}

bool Table::hold(std::span<const Check> checks) const {
  return std::ranges::all_of(checks, [this](const Check& check) {
    const auto at = rows_.find(check.key);
    return at == rows_.end() ? !check.version : check.version == at->second.version;
  });
}

std::optional<Table::Row> Table::apply(const Op& op) {
  std::optional<Row> former;
  const auto at = rows_.find(key_of(op));
  if (at != rows_.end()) former = std::move(at->second);
  if (const auto* put = std::get_if<Put>(&op)) {
    rows_.insert_or_assign(put->key, Row{put->value, ++version_});
  } else if (at != rows_.end()) {
    rows_.erase(at);
  }
  return former;
}

void Table::restore(const std::string& key, std::optional<Row> former) {
  if (former) {
    rows_.insert_or_assign(key, *std::move(former));
  } else {
    rows_.erase(key);
  }
}

}  // namespace lntpay::host
