// Lists of entries: filtered pages, and plain ranges for exports and verification.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/ledger/ledger_entry.hpp"
#include "core/tenant/context.hpp"
#include "core/tenant/listing.hpp"

namespace lntpay {

struct EntryFilter {
  std::optional<EntryType> type;
  std::string reference;  ///< empty: any
  std::optional<UnixMillis> created_gte;
  std::optional<UnixMillis> created_lt;
  std::uint64_t after_seq = 0;
};

/// Entries in seq order. A call reads as much as a ReadBudget allows, so a page may hold fewer entries than its limit and still
/// have more. (An index would add a row to every commit of an entry.)
Task<Result<Listed<LedgerEntry>>> list_entries(Context& cx, TenantScope tenant, EntryFilter filter, Page page);

/// The first `limit` entries after a seq.
Task<Result<std::vector<LedgerEntry>>> read_entries(Context& cx, TenantScope tenant, std::uint64_t after_seq, std::uint32_t limit);

}  // namespace lntpay
