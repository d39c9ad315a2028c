// Scans the entries: first as many as a page, then as many as a scan allows.
#include "core/ledger/ledger_list.hpp"

namespace lntpay {
namespace {

constexpr std::uint32_t rows_max = 10'000;

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
  std::uint32_t batch = page.limit + 1;
  for (std::uint32_t scanned = 0; scanned < rows_max; scanned += scan_limit_max) {
    const auto rows = co_await cx.store.scan({prefix_of(tenant), listed.last_key, batch, page.reverse});
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
    batch = scan_limit_max;
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
