// Adjusts suspense towards zero, never past it.
#include "core/operations/adjustment.hpp"

#include <cstdlib>

#include "core/base/encoding.hpp"
#include "core/ledger/unit_of_work.hpp"
#include "core/request/audit_trail.hpp"
#include "core/request/idempotency.hpp"

namespace lntpay {
namespace {

/// Withdrawals that an operator gave up have adjustments under their ids; the prefix keeps tickets distinct from those.
Bytes32 transfer_of(const std::string& ticket) { return adjust_transfer_id("ticket/" + ticket); }

/// `…/adjustment/{transfer}`: points to a ticket's entry.
struct TicketFinder {
  static constexpr int row_version = 1;
  std::uint64_t seq = 0;
  auto fields(this auto& self) { return std::tie(self.seq); }
};

Result<Transfer> transfer_for(const AccountState& account, const Adjustment& adjustment) {
  const bool owed = account.suspense_msat < 0;
  const auto in_suspense = owed ? -account.suspense_msat : account.suspense_msat;
  if (adjustment.amount.value > static_cast<std::uint64_t>(in_suspense)) {
    return fail(ErrorCode::invalid_state, "The adjustment exceeds suspense (" + std::to_string(account.suspense_msat) +
                                              " msat). Use a smaller amount; see GET /v1/balance.");
  }
  const auto amount = static_cast<std::int64_t>(adjustment.amount.value);
  return Transfer{
      .id = transfer_of(adjustment.ticket),
      .type = EntryType::adjustment,
      .available_msat = adjustment.bearer == Bearer::node ? 0
                        : owed                            ? -amount
                                                          : amount,
      .suspense_msat = owed ? amount : -amount,
      .reference = adjustment.ticket,
  };
}

/// Whether it is the adjustment's entry. The sign followed from suspense.
bool is_of(const LedgerEntry& entry, const Adjustment& adjustment) {
  return Msat{static_cast<std::uint64_t>(std::abs(entry.suspense_msat))} == adjustment.amount &&
         (entry.available_msat == 0) == (adjustment.bearer == Bearer::node);
}

}  // namespace

Task<Result<std::string>> adjust(Context& cx, TenantScope tenant, Adjustment adjustment, IdempotencyClaim claim) {
  const auto json = co_await retry([&]() -> Task<Result<std::string>> {
    const auto finder = tenant.key("adjustment", hex(transfer_of(adjustment.ticket)));
    auto unit = co_await UnitOfWork::load(cx, tenant, {finder});
    if (const auto found = co_await unit.about<TicketFinder>()) {
      const auto stored = co_await cx.store.load<LedgerEntry>(entry_key(tenant, found->record.seq));
      co_await invariant(stored.has_value(), "I5 an entry is never deleted");
      if (!is_of(stored->record, adjustment))
        co_return fail(ErrorCode::invalid_state, "This ticket was used for another adjustment. Use a new ticket.");
      co_return entry_json(stored->record);
    }
    const auto entry = co_await unit.post(co_await transfer_for(unit.account(), adjustment));
    auto& batch = unit.batch();
    batch.create(finder, to_row(TicketFinder{entry.seq}));
    add_audit_note(cx, batch, tenant,
                   {
                       .action = "ledger.adjust",
                       .subject = entry.id.text(),
                       .detail = std::string(name_of(adjustment.bearer)) + " bears " + std::to_string(adjustment.amount.value) +
                                 " msat, ticket " + adjustment.ticket + ": " + adjustment.evidence,
                   });
    co_await unit.commit();
    co_return entry_json(entry);
  });
  // The operator's Idempotency-Key is in another shard than the workspace, so its answer needs a commit of its own.
  co_return co_await idempotency::answered(cx, claim, json);
}

}  // namespace lntpay
