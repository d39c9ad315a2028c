// Get, list, cancel, reconcile, resolve.
#include "core/withdrawal/withdrawal_operations.hpp"

#include <algorithm>

#include "core/base/encoding.hpp"
#include "core/base/json.hpp"
#include "core/base/time.hpp"
#include "core/crypto/seal.hpp"
#include "core/crypto/sha256.hpp"
#include "core/lightning/node/node_instance.hpp"
#include "core/request/idempotency.hpp"
#include "core/withdrawal/payment_hash_lock.hpp"
#include "core/withdrawal/withdrawal_change.hpp"
#include "core/withdrawal/withdrawal_object.hpp"
#include "core/withdrawal/withdrawal_tracking.hpp"

namespace lntpay {
namespace {

constexpr Millis given_up_poll_time = days(30);

Walk walk_of(const TenantScope& tenant, const WithdrawalFilter& filter) {
  if (!filter.external_id.empty()) return {withdrawals_by_external_id(tenant, filter.external_id), "wd", true};
  if (!filter.metadata.empty()) return {records_by_metadata(tenant, withdrawal_indexes, filter.metadata.front()), "wd", true};
  if (filter.status) return {withdrawals_by_status(tenant, *filter.status), "wd", true};
  return {tenant.key("wd") + "/", "wd", false};
}

/// The withdrawal that holds the payment hash, or held it last.
Task<Result<Listed<Withdrawal>>> list_by_hash(Context& cx, TenantScope tenant, WithdrawalFilter filter) {
  Listed<Withdrawal> listed;
  const auto lock = co_await cx.store.load<PaymentHashLock>(payment_hash_lock_key(tenant.environment, *filter.payment_hash));
  if (!lock || lock->record.workspace != tenant.workspace || lock->record.generation != tenant.generation) co_return listed;
  auto found = co_await cx.store.load<Withdrawal>(withdrawal_key(tenant, lock->record.withdrawal));
  if (found && is_visible(found->record.status) && filter.matches(found->record)) listed.items.push_back(std::move(found->record));
  co_return listed;
}

Task<Result<Stored<Withdrawal>>> load_withdrawal(Context& cx, TenantScope tenant, WithdrawalId id) {
  auto stored = co_await cx.store.load<Withdrawal>(withdrawal_key(tenant, id));
  if (!stored || !is_visible(stored->record.status)) co_return no_such_withdrawal();
  co_return std::move(*stored);
}

/// The preimage that a poll stored, if any.
Result<std::optional<Bytes32>> stored_preimage(const Context& cx, const TenantScope& tenant, const Withdrawal& withdrawal) {
  if (withdrawal.sealed_preimage.empty()) return std::nullopt;
  const auto opened = open(cx.settings.seal, withdrawal_key(tenant, withdrawal.id), withdrawal.sealed_preimage);
  if (!opened || opened->reveal().size() != sizeof(Bytes32))
    return fail(ErrorCode::internal_error, "a stored preimage cannot be decrypted");
  Bytes32 preimage{};
  std::ranges::copy(opened->reveal(), preimage.begin());
  return preimage;
}

Result<std::string> with_proof(const Context& cx, const TenantScope& tenant, const Withdrawal& withdrawal) {
  return stored_preimage(cx, tenant, withdrawal).transform([&](const std::optional<Bytes32>& preimage) {
    return withdrawal_json({.withdrawal = withdrawal, .tenant = tenant, .preimage = preimage});
  });
}

bool is_already_resolved(const Withdrawal& withdrawal, const Resolution& resolution) {
  return withdrawal.ended_by == EndedBy::operator_token &&
         withdrawal.status == (resolution.succeeded ? WithdrawalStatus::succeeded : WithdrawalStatus::failed);
}

std::string status_of(const Withdrawal& withdrawal) { return std::string(name_of(withdrawal.status)); }

Result<> expect_in_review(const Withdrawal& withdrawal) {
  if (withdrawal.status == WithdrawalStatus::needs_review) return {};
  return fail(ErrorCode::invalid_state, "Only a withdrawal with status needs_review can be resolved. The status of this one is " +
                                            status_of(withdrawal) + ".");
}

/// The payment of a success. Fails with invalid_request where no preimage hashes to the payment hash.
Result<Payment> proven_payment(const Context& cx, const TenantScope& tenant, const Withdrawal& withdrawal,
                               const Resolution& resolution) {
  auto preimage = resolution.preimage;
  if (!preimage) {
    const auto stored = stored_preimage(cx, tenant, withdrawal);
    if (!stored) return std::unexpected(stored.error());
    preimage = *stored;
  }
  if (!preimage || sha256(*preimage) != withdrawal.payment_hash) {
    return fail(ErrorCode::invalid_request,
                "The preimage does not match the payment hash. Set the preimage whose SHA-256 is the payment hash.", "preimage");
  }
  return Payment{*preimage, resolution.fee.value_or(withdrawal.fee)};
}

std::unexpected<Error> proved_paid() {
  return fail(ErrorCode::invalid_state,
              "The node has proved that it paid. Resolve the withdrawal as succeeded; its preimage is stored.");
}

/// The condition of a failure: the node has not paid, and no send can start a payment any more. Fails with invalid_state.
Task<Result<>> expect_unpaid(Context& cx, TenantScope tenant, Withdrawal withdrawal) {
  if (!withdrawal.sealed_preimage.empty()) co_return proved_paid();
  if (!withdrawal.dispatched_at) co_return {};
  const auto node = co_await require_node(cx, tenant);
  const auto identity = co_await node->identity();
  if (hex(identity.bytes) != instance_key(withdrawal.node)) {
    co_return fail(ErrorCode::invalid_state,
                   "The connected node is not the one that this withdrawal was sent to. Connect that node and try again.");
  }
  const auto begun = cx.now();
  const auto poll = co_await node->look_up_payment(withdrawal.payment_hash);
  const bool open = poll.record.state == PaymentState::in_flight || poll.record.state == PaymentState::succeeded;
  if (!open && is_past_expiry(withdrawal, {begun, cx.now(), poll.node_time})) co_return {};
  Error error{.code = ErrorCode::invalid_state,
              .message =
                  "A failure requires that the invoice expired more than five minutes ago, by our clock and the node's, and that "
                  "the node has no "
                  "payment in flight or succeeded. See details."};
  error.details = JsonObject{}
                      .add("node_says", name_of(poll.record.state))
                      .add("possible_after", rfc3339(withdrawal.invoice_expires_at + expiry_margin))
                      .text();
  co_return std::unexpected(std::move(error));
}

}  // namespace

Task<Result<Listed<Withdrawal>>> list_withdrawals(Context& cx, TenantScope tenant, WithdrawalFilter filter, Page page) {
  if (filter.payment_hash) co_return co_await list_by_hash(cx, std::move(tenant), std::move(filter));
  auto walk = walk_of(tenant, filter);
  co_return co_await list_filtered<Withdrawal>(
      cx, std::move(tenant), std::move(walk), std::move(page),
      [filter = std::move(filter)](const Withdrawal& each) { return is_visible(each.status) && filter.matches(each); });
}

Task<Result<Listed<Withdrawal>>> list_refunds(Context& cx, TenantScope tenant, ChargeId charge, Page page) {
  Walk walk{withdrawals_by_charge(tenant, charge), "wd", true};
  return list_filtered<Withdrawal>(cx, std::move(tenant), std::move(walk), std::move(page), [](const Withdrawal&) { return true; });
}

Task<Result<std::string>> get_withdrawal(Context& cx, TenantScope tenant, WithdrawalId id, Millis wait, bool with_preimage) {
  const auto until = cx.now() + wait;
  for (;;) {
    const auto stored = co_await load_withdrawal(cx, tenant, id);
    if (is_final(stored.record.status) || cx.now() >= until) {
      if (with_preimage) co_return with_proof(cx, tenant, stored.record);
      co_return withdrawal_json(stored.record, tenant);
    }
    co_await cx.wait.until({{stored.entry.key, stored.entry.version}}, cx.on_host(until));
  }
}

Task<Result<std::string>> cancel_withdrawal(Context& cx, TenantScope tenant, WithdrawalId id, IdempotencyClaim claim) {
  const auto canceled = co_await change_withdrawal(cx, tenant, id, [&claim](Withdrawal& withdrawal) -> Result<Decision> {
    if (withdrawal.ended_by == EndedBy::client) return Decision{.claim = claim};
    if (withdrawal.status != WithdrawalStatus::pending) {
      return fail(ErrorCode::invalid_state,
                  "Only a pending withdrawal can be canceled. The status of this one is " + status_of(withdrawal) + ".");
    }
    return Decision{.action = Action::release, .reason = "canceled", .by = EndedBy::client, .claim = claim};
  });
  co_return withdrawal_json(canceled, tenant);
}

Task<Result<std::string>> reconcile_withdrawal(Context& cx, TenantScope tenant, WithdrawalId id, IdempotencyClaim claim) {
  const auto tracked = co_await track_withdrawal(cx, tenant, id);
  co_return co_await idempotency::answered(cx, claim, withdrawal_json(tracked, tenant));
}

Task<Result<std::string>> resolve_withdrawal(Context& cx, TenantScope tenant, WithdrawalId id, Resolution resolution,
                                             IdempotencyClaim claim) {
  const auto stored = co_await load_withdrawal(cx, tenant, id);
  if (is_already_resolved(stored.record, resolution)) {
    co_return co_await idempotency::answered(cx, claim, withdrawal_json(stored.record, tenant));
  }
  co_await expect_in_review(stored.record);
  std::optional<Payment> payment;
  if (resolution.succeeded) {
    payment = co_await proven_payment(cx, tenant, stored.record, resolution);
  } else {
    co_await expect_unpaid(cx, tenant, stored.record);
  }
  const auto resolved = co_await change_withdrawal(cx, tenant, id, [&](Withdrawal& withdrawal) -> Result<Decision> {
    if (auto expected = expect_in_review(withdrawal); !expected) return std::unexpected(expected.error());
    // A poll may have stored a proof since `expect_unpaid`.
    if (!resolution.succeeded && !withdrawal.sealed_preimage.empty()) return proved_paid();
    Decision decision{
        .action = resolution.succeeded ? Action::settle : Action::release,
        .reason = "resolved by the operator",
        .by = EndedBy::operator_token,
        .payment = payment,
    };
    // The node may still pay: poll it, so that a late payment raises an alarm.
    if (!resolution.succeeded && withdrawal.dispatched_at) withdrawal.polled_until = cx.now() + given_up_poll_time;
    decision.act = Act{
        .action = "withdrawal.resolve",
        .subject = id.text(),
        .detail = (resolution.succeeded ? "succeeded: " : "failed: ") + resolution.evidence,
    };
    return decision;
  });
  // The operator's idempotency key is in another shard, so it needs a commit of its own.
  co_return co_await idempotency::answered(cx, claim, withdrawal_json(resolved, tenant));
}

}  // namespace lntpay
