// Entries in a row: the list that can be filtered, and the plain run that an export is made of.
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

/// Entries in the order of their seq. What is asked of them is looked at row by row, and at most 10,000 rows a call: a page may
/// then hold fewer than its limit and yet have more. An index would be one more row in every commit about money.
Task<Result<Listed<LedgerEntry>>> list_entries(Context& cx, TenantScope tenant, EntryFilter filter, Page page);

/// The first `limit` entries after a seq.
Task<Result<std::vector<LedgerEntry>>> read_entries(Context& cx, TenantScope tenant, std::uint64_t after_seq, std::uint32_t limit);

}  // namespace lntpay
