// Row keys and transfers of withdrawals.
#include "core/withdrawal/withdrawal.hpp"

#include <algorithm>

#include "core/base/encoding.hpp"
#include "core/crypto/sha256.hpp"
#include "core/tenant/metadata_index.hpp"

namespace lntpay {
namespace {

std::int64_t plus(Msat amount) { return static_cast<std::int64_t>(amount.value); }
std::int64_t minus(Msat amount) { return -plus(amount); }

std::string lock_name(const Withdrawal& withdrawal) { return withdrawal.id.text() + "/" + std::to_string(withdrawal.attempt); }

}  // namespace

Task<Result<bool>> is_withdrawal_open(Context& cx, std::string key) {
  const auto made = co_await cx.store.load<Withdrawal>(std::move(key));
  co_return made && !is_final(made->record.status);
}

std::string withdrawal_key(const TenantScope& tenant, const WithdrawalId& id) { return tenant.key("wd", id.text()); }

DueWork due_work_of(const TenantScope& tenant, const WithdrawalId& id) { return {"withdrawal", tenant, id.text()}; }

std::string withdrawals_by_status(const TenantScope& tenant, WithdrawalStatus status) {
  return tenant.key("wd_by/status", name_of(status)) + "/";
}

std::string withdrawals_by_external_id(const TenantScope& tenant, std::string_view external_id) {
  // A hash, because the user's text may contain any character.
  return tenant.key("wd_by/external_id", hex(sha256(bytes_of(external_id)))) + "/";
}

std::string withdrawals_by_charge(const TenantScope& tenant, const ChargeId& charge) {
  return tenant.key("wd_by/charge", charge.text()) + "/";
}

void move_indexes(WriteBatch& batch, const TenantScope& tenant, const Withdrawal& before, const Withdrawal& after) {
  if (before.status == after.status) return;
  if (is_visible(before.status)) batch.erase(withdrawals_by_status(tenant, before.status) + before.id.text());
  if (!is_visible(after.status)) return;
  batch.put(withdrawals_by_status(tenant, after.status) + after.id.text(), "");
  if (is_visible(before.status)) return;
  if (!after.external_id.empty()) batch.put(withdrawals_by_external_id(tenant, after.external_id) + after.id.text(), "");
  move_metadata_index(batch, tenant, withdrawal_indexes, after.id.text(), "", after.metadata);
  if (after.refunds) batch.put(withdrawals_by_charge(tenant, *after.refunds) + after.id.text(), "");
}

Transfer lock_transfer(const Withdrawal& withdrawal) {
  const auto total = withdrawal.reserved.total();
  return {
      .id = lock_transfer_id(lock_name(withdrawal)),
      .type = EntryType::withdrawal_lock,
      .available_msat = minus(total),
      .locked_msat = plus(total),
      .reference = withdrawal.id.text(),
  };
}

Transfer settle_transfer(const Withdrawal& withdrawal, Msat fee) {
  const auto& [amount, fee_limit] = withdrawal.reserved;
  const auto within = std::min(fee, fee_limit);
  return {
      .id = resolve_transfer_id(lock_name(withdrawal)),
      .type = EntryType::withdrawal_settle,
      .available_msat = plus(fee_limit) - plus(within),
      .locked_msat = minus(withdrawal.reserved.total()),
      // A fee above the limit is the node's fault: the excess is in suspense until an operator explains it.
      .suspense_msat = plus(within) - plus(fee),
      .reference = withdrawal.id.text(),
  };
}

Transfer release_transfer(const Withdrawal& withdrawal) {
  const auto total = withdrawal.reserved.total();
  return {
      .id = resolve_transfer_id(lock_name(withdrawal)),
      .type = EntryType::withdrawal_release,
      .available_msat = plus(total),
      .locked_msat = minus(total),
      .reference = withdrawal.id.text(),
  };
}

Transfer late_payment_transfer(const Withdrawal& withdrawal) {
  return {
      .id = adjust_transfer_id(withdrawal.id.text()),
      .type = EntryType::adjustment,
      .suspense_msat = minus(withdrawal.reserved.amount) + minus(withdrawal.fee),
      .reference = withdrawal.id.text(),
  };
}

std::vector<BookedTransfer> booked_transfers(const Withdrawal& withdrawal) {
  std::vector<BookedTransfer> booked{{lock_transfer_id(lock_name(withdrawal)), "lock"}};
  if (is_final(withdrawal.status)) booked.push_back({resolve_transfer_id(lock_name(withdrawal)), "resolution"});
  // Given up, then paid: its proof is stored with the adjustment, which ends the polls.
  const bool paid_late =
      withdrawal.status == WithdrawalStatus::failed && !withdrawal.sealed_preimage.empty() && !withdrawal.polled_until;
  if (paid_late) booked.push_back({adjust_transfer_id(withdrawal.id.text()), "adjustment"});
  return booked;
}

}  // namespace lntpay
