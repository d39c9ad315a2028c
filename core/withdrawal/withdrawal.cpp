// Row keys, transfers and JSON of withdrawals.
#include "core/withdrawal/withdrawal.hpp"

#include <algorithm>

#include "core/base/encoding.hpp"
#include "core/base/json.hpp"
#include "core/base/time.hpp"
#include "core/crypto/sha256.hpp"

namespace lntpay {
namespace {

std::int64_t plus(Msat amount) { return static_cast<std::int64_t>(amount.value); }
std::int64_t minus(Msat amount) { return -plus(amount); }

std::string lock_name(const Withdrawal& withdrawal) { return withdrawal.id.text() + "/" + std::to_string(withdrawal.attempt); }

JsonObject members(const Withdrawal& withdrawal, const TenantScope& tenant) {
  const auto time = [](const std::optional<UnixMillis>& at) { return at ? std::optional(rfc3339(*at)) : std::nullopt; };
  const auto text = [](const std::string& given) { return given.empty() ? std::nullopt : std::optional(given); };
  const auto sats = [](Msat amount) { return amount.value % 1'000 == 0 ? std::optional(amount.value / 1'000) : std::nullopt; };
  const bool paid = withdrawal.status == WithdrawalStatus::succeeded;
  JsonObject json;
  json.add("id", withdrawal.id.text())
      .add("object", "withdrawal")
      .add("status", name_of(withdrawal.status))
      .add("amount_sats", sats(withdrawal.reserved.amount))
      .add("amount_msat", withdrawal.reserved.amount.value)
      .add("max_fee_sats", sats(withdrawal.reserved.fee_limit))
      .add("max_fee_msat", withdrawal.reserved.fee_limit.value)
      .add("fee_sats", paid ? sats(withdrawal.fee) : std::nullopt)
      .add("fee_msat", paid ? std::optional(withdrawal.fee.value) : std::nullopt)
      .add("bolt11", withdrawal.bolt11)
      .add("payment_hash", hex(withdrawal.payment_hash))
      .add("reason", text(withdrawal.reason))
      .add("created_at", rfc3339(withdrawal.created_at))
      .add("dispatched_at", time(withdrawal.dispatched_at))
      .add("ended_at", time(withdrawal.ended_at))
      .add("last_checked_at", time(withdrawal.last_checked_at))
      .add("stuck_since", time(withdrawal.stuck_since))
      .add("external_id", text(withdrawal.external_id))
      .raw("metadata", withdrawal.metadata)
      .add("environment", name_of(tenant.environment));
  return json;
}

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

void move_indexes(WriteBatch& batch, const TenantScope& tenant, const Withdrawal& before, const Withdrawal& after) {
  if (before.status == after.status) return;
  if (is_visible(before.status)) batch.erase(withdrawals_by_status(tenant, before.status) + before.id.text());
  if (!is_visible(after.status)) return;
  batch.put(withdrawals_by_status(tenant, after.status) + after.id.text(), "");
  if (!is_visible(before.status) && !after.external_id.empty()) {
    batch.put(withdrawals_by_external_id(tenant, after.external_id) + after.id.text(), "");
  }
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

std::string withdrawal_json(const Withdrawal& withdrawal, const TenantScope& tenant) { return members(withdrawal, tenant).text(); }

std::string withdrawal_json(const Withdrawal& withdrawal, const TenantScope& tenant, std::string_view name, std::string_view raw) {
  return members(withdrawal, tenant).raw(name, raw).text();
}

}  // namespace lntpay
