// The fold of all entries must be the head.
#include "core/ledger/audit.hpp"

namespace lntpay {

Task<Result<Head>> read_head(Context& cx, Realm realm) {
  const auto stored = co_await cx.store.load<Head>(head_key(realm));
  co_return stored ? stored->record : Head{};
}

Task<Result<Listed<LedgerEntry>>> list_entries(Context& cx, Realm realm, Page page) {
  return list_rows<LedgerEntry>(cx, realm.key("ledger") + "/", std::move(page));
}

Task<Result<Audit>> audit_ledger(Context& cx, Realm realm) {
  const auto stored = co_await read_head(cx, realm);
  Head folded;
  std::string after;
  while (folded.entries < stored.entries) {
    const auto rows = co_await cx.store.scan({realm.key("ledger") + "/", after, scan_limit_max, false});
    if (rows.empty()) co_return Audit{false, folded.entries, "I5 seq is gapless", folded.entries + 1};
    for (const auto& row : rows) {
      if (folded.entries == stored.entries) break;  // came after the head was read
      const auto entry = co_await from_row<LedgerEntry>(row.value);
      if (const auto next = verify_next(folded, entry); !next) {
        co_return Audit{false, folded.entries, next.error().message, entry.seq};
      }
    }
    after = rows.back().key;
  }
  const bool same = folded.available == stored.available && folded.locked == stored.locked &&
                    folded.suspense_msat == stored.suspense_msat && folded.chain == stored.chain;
  co_return Audit{same, folded.entries, same ? "" : "I4 stored balances are the fold of the entries", same ? 0 : folded.entries};
}

}  // namespace lntpay
