// Scans the entries: first as many as a page, then as many as a read allows.
#include "core/ledger/ledger_list.hpp"

#include <algorithm>

#include "core/storage/read_budget.hpp"

namespace lntpay {
namespace {

bool matches(const LedgerEntry& entry, const EntryFilter& filter) {
  return (!filter.type || entry.type == *filter.type) && (filter.reference.empty() || entry.reference == filter.reference) &&
         (!filter.created_gte || entry.at >= *filter.created_gte) && (!filter.created_lt || entry.at < *filter.created_lt);
}

std::string prefix_of(const TenantScope& tenant) { return tenant.key("ledger") + "/"; }

}  // namespace

Task<Result<Listed<LedgerEntry>>> list_entries(Context& cx, TenantScope tenant, EntryFilter filter, Page page) {
  Listed<LedgerEntry> listed;
  listed.last_key = page.after_key;
  if (listed.last_key.empty() && !page.reverse) listed.last_key = entry_key(tenant, filter.after_seq);
  ReadBudget budget(cx.seam);
  auto batch = std::min(page.limit + 1, budget.next_page());
  for (; batch > 0; batch = budget.next_page()) {
    const auto rows = co_await cx.store.scan({prefix_of(tenant), listed.last_key, batch, page.reverse});
    budget.count(rows.size());
    for (const auto& row : rows) {
      auto entry = co_await from_row<LedgerEntry>(row);
      if (entry.seq <= filter.after_seq) co_return listed;
      if (matches(entry, filter)) {
        if (listed.items.size() == page.limit) {
          listed.has_more = true;
          co_return listed;
        }
        listed.items.push_back(std::move(entry));
      }
      listed.last_key = row.key;
    }
    if (rows.size() < batch) co_return listed;
  }
  listed.has_more = true;
  co_return listed;
}

Task<Result<std::vector<LedgerEntry>>> read_entries(Context& cx, TenantScope tenant, std::uint64_t after_seq, std::uint32_t limit) {
  const auto rows = co_await cx.store.scan({prefix_of(tenant), entry_key(tenant, after_seq), limit, false});
  std::vector<LedgerEntry> entries;
  entries.reserve(rows.size());
  for (const auto& row : rows) entries.push_back(co_await from_row<LedgerEntry>(row));
  co_return entries;
}

}  // namespace lntpay
