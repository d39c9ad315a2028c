// Payments of the sandbox node, and the external invoices that it can pay.
#include "core/lightning/node/sandbox_payments.hpp"

#include <algorithm>

#include "core/base/encoding.hpp"
#include "core/base/time.hpp"
#include "core/crypto/sha256.hpp"
#include "core/lightning/bolt11/encode.hpp"
#include "core/lightning/node/sandbox_node.hpp"
#include "core/lightning/node/sandbox_objects.hpp"
#include "core/request/audit_trail.hpp"

namespace lntpay {
namespace {

constexpr Millis slow_takes = seconds(10);
constexpr Millis unknown_takes = seconds(5);
constexpr Millis stuck_beyond_expiry = days(1);

std::string external_key(const TenantScope& tenant, const Bytes32& payment_hash) {
  return tenant.key("sandbox/outside", hex(payment_hash));
}
std::string payment_key(const TenantScope& tenant, const Bytes32& payment_hash) {
  return tenant.key("sandbox/payment", hex(payment_hash));
}

PaymentRecord record_at(const SandboxPayment& payment, UnixMillis now) {
  PaymentRecord record{.index = payment.index};
  if (now < payment.ends_at) {
    record.state = PaymentState::in_flight;
  } else if (payment.succeeds) {
    record.state = PaymentState::succeeded;
    record.preimage = payment.preimage;
    record.fee = payment.fee;
  } else {
    record.state = PaymentState::failed;
    record.failure = "FAILURE_REASON_NO_ROUTE";
  }
  return record;
}

/// The course of a payment. An invoice that the sandbox does not know has no route.
SandboxPayment plan_payment(const std::optional<ExternalInvoice>& invoice, const PaymentOrder& order, std::uint64_t index,
                            UnixMillis now) {
  SandboxPayment payment{.index = index, .ends_at = now, .fee = sandbox_route_fee(order.amount)};
  if (!invoice || payment.fee > order.fee_limit) return payment;
  payment.preimage = invoice->preimage;
  switch (invoice->behavior) {
    case SandboxBehavior::succeed: payment.succeeds = true; break;
    case SandboxBehavior::fail: break;
    case SandboxBehavior::slow:
      payment.succeeds = true;
      payment.ends_at = now + slow_takes;
      break;
    case SandboxBehavior::stuck:
      payment.succeeds = true;
      payment.ends_at = invoice->expires_at + stuck_beyond_expiry;
      break;
    case SandboxBehavior::unknown_then_succeed: payment.succeeds = true; [[fallthrough]];
    case SandboxBehavior::unknown_then_fail: payment.ends_at = now + unknown_takes; break;
  }
  return payment;
}

/// The key that signs external invoices. It protects nothing, so it is not secret.
SecretKey external_node_key(const TenantScope& tenant) {
  return sandbox_key("LNTPay sandbox outside of " + tenant.workspace.text());
}

struct Started {
  SandboxPayment payment;
  bool existed = false;  ///< a payment for the hash existed already and has not failed
  SandboxBehavior behavior{};
};

}  // namespace

Msat sandbox_route_fee(Msat amount) { return {1'000 + (amount.value + 999) / 1'000}; }

Task<Result<PublicKey>> SandboxNode::identity() { co_return public_key(sandbox_node_key(tenant_)); }

Task<Result<std::optional<Msat>>> SandboxNode::route_fee(bolt11::Invoice, Msat amount) { co_return sandbox_route_fee(amount); }

Task<Result<std::optional<Msat>>> SandboxNode::funds() { co_return std::nullopt; }

Task<Result<PaymentLookup>> SandboxNode::look_up_payment(Bytes32 payment_hash) {
  if (cx_.sandbox.has(SandboxFault::lookups_down)) co_return fail(ErrorCode::node_unavailable);
  if (cx_.sandbox.has(SandboxFault::payments_forgotten)) co_return PaymentLookup{.record = {}, .node_time = cx_.now()};
  const auto stored = co_await cx_.store.load<SandboxPayment>(payment_key(tenant_, payment_hash));
  co_return PaymentLookup{.record = stored ? record_at(stored->record, cx_.now()) : PaymentRecord{}, .node_time = cx_.now()};
}

Task<SendResult> SandboxNode::send_payment(PaymentOrder order) {
  if (cx_.sandbox.has(SandboxFault::sends_lost)) co_return SendResult{.reason = "the request was lost"};
  std::string written;  // by an earlier run whose commit had an unknown outcome
  // A failing store is reported like a failing network: something may have been written.
  const auto started = co_await attempt(retry([&]() -> Task<Result<Started>> {
    const auto stored = co_await cx_.store.load<SandboxPayment>(payment_key(tenant_, order.payment_hash));
    const auto invoice = co_await cx_.store.load<ExternalInvoice>(external_key(tenant_, order.payment_hash));
    Started start{.behavior = invoice ? invoice->record.behavior : SandboxBehavior::fail};
    const bool ours = stored && stored->entry.value == written;
    if (ours || (stored && record_at(stored->record, cx_.now()).state != PaymentState::failed)) {
      start.payment = stored->record;
      start.existed = !ours;
      co_return start;
    }
    start.payment = plan_payment(invoice ? std::optional(invoice->record) : std::nullopt, order,
                                 stored ? stored->record.index + 1 : 1, cx_.now());
    written = to_row(start.payment);
    WriteBatch batch;
    batch.replace_or_create(stored ? &stored->entry : nullptr, payment_key(tenant_, order.payment_hash), written);
    co_await cx_.store.commit(std::move(batch));
    co_return start;
  }));
  if (!started) co_return SendResult{.reason = "the sandbox node did not respond"};
  const auto& [payment, existed, behavior] = *started;
  if (existed) co_return SendResult{.outcome = SendOutcome::already_exists};
  if (behavior == SandboxBehavior::unknown_then_succeed || behavior == SandboxBehavior::unknown_then_fail) {
    co_return SendResult{.reason = "the response was lost"};
  }
  if (behavior == SandboxBehavior::slow) co_await attempt(cx_.wait.until({}, cx_.on_host(payment.ends_at)));
  const auto seen = record_at(payment, cx_.now());
  if (seen.state == PaymentState::in_flight) co_return SendResult{.seen = seen, .reason = "the payment is still in flight"};
  co_return SendResult{.outcome = SendOutcome::finished, .seen = seen};
}

Task<Result<std::string>> create_external_invoice(Context& cx, TenantScope tenant, ExternalInvoiceRequest asked,
                                                  IdempotencyClaim claim) {
  auto random = claim.random(cx);
  const auto preimage = random.bytes32();
  const auto started_at = claim.started_at(cx);
  const bolt11::Invoice invoice{
      .network = bolt11::Network::regtest,
      .amount = asked.amount,
      .timestamp_s = started_at.value / 1'000,
      .payment_hash = sha256(preimage),
      .payment_secret = random.bytes32(),
      .description = "sandbox: " + std::string(name_of(asked.behavior)),
      .expiry_s = asked.expiry_s,
      .min_final_cltv = sandbox_final_cltv,
      .features = {sandbox_features.begin(), sandbox_features.end()},
  };
  auto text = bolt11::encode(invoice, external_node_key(tenant));
  if (!text) co_return fail(ErrorCode::invalid_request, std::string(bolt11::sentence(text.error())));
  const auto json = sandbox_invoice_object.text({
      .bolt11 = *text,
      .payment_hash = invoice.payment_hash,
      .amount = asked.amount,
      .behavior = asked.behavior,
      .route_fee = asked.amount.transform(sandbox_route_fee),
      .expires_at = invoice.expires_at(),
  });
  const ExternalInvoice row{.preimage = preimage, .behavior = asked.behavior, .expires_at = invoice.expires_at()};
  co_return co_await retry([&]() -> Task<Result<std::string>> {
    const auto key = external_key(tenant, invoice.payment_hash);
    WriteBatch batch;
    if (const auto there = co_await cx.store.get(key)) {
      co_await claim.require_earlier_run("a preimage");
      co_await invariant(there->value == to_row(row), "a payment hash belongs to one invoice");
      batch.keep(*there);
    } else {
      batch.create_final(key, to_row(row));
      add_audit_note(cx, batch, tenant, {"sandbox.invoice.create", tenant.workspace.text()});
    }
    claim.write(batch, json);
    co_await cx.store.commit(std::move(batch));
    co_return json;
  });
}

}  // namespace lntpay
