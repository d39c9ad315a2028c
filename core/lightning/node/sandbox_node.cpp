// Invoices of the sandbox node.
#include "core/lightning/node/sandbox_node.hpp"

#include <algorithm>
#include <utility>

#include "core/base/encoding.hpp"
#include "core/crypto/sha256.hpp"
#include "core/lightning/bolt11/encode.hpp"

namespace lntpay {
namespace {

InvoiceState state_at(const SandboxInvoice& invoice, UnixMillis now) {
  if (invoice.paid_at && *invoice.paid_at <= now) return InvoiceState::settled;
  if (invoice.canceled_at || invoice.expires_at <= now) return InvoiceState::canceled;
  return InvoiceState::open;
}

NodeInvoice invoice_at(const Bytes32& payment_hash, const SandboxInvoice& invoice, UnixMillis now) {
  const auto state = state_at(invoice, now);
  return {
      .payment_hash = payment_hash,
      .bolt11 = invoice.bolt11,
      .amount = invoice.amount,
      .description = description_of(invoice.description, invoice.description_hash),
      .expiry_s = invoice.expiry_s,
      .expires_at = invoice.expires_at,
      .state = state,
      .paid = state == InvoiceState::settled ? invoice.paid : Msat{},
      .settled_at = state == InvoiceState::settled ? invoice.paid_at : std::nullopt,
      .next_poll_at = std::min(invoice.expires_at, invoice.paid_at.value_or(invoice.expires_at)),
  };
}

}  // namespace

SecretKey sandbox_node_key(const TenantScope& tenant) { return sandbox_key("LNTPay sandbox node of " + tenant.workspace.text()); }

SecretKey sandbox_key(std::string_view name) {
  auto candidate = sha256(bytes_of(name));
  // A hash is not a valid key with a probability of 2^-128; then its hash is used.
  for (;; candidate = sha256(candidate)) {
    if (auto key = SecretKey::from(candidate)) return std::move(*key);
  }
}

std::string sandbox_invoice_key(const TenantScope& tenant, const Bytes32& payment_hash) {
  return tenant.key("sandbox/invoice", hex(payment_hash));
}

Task<Result<NodeInvoice>> SandboxNode::add_invoice(InvoiceRequest asked) {
  const auto payment_hash = sha256(asked.preimage);
  const auto now = cx_.now();
  const bolt11::Invoice invoice{
      .network = bolt11::Network::regtest,
      .amount = asked.amount,
      .timestamp_s = now.value / 1'000,
      .payment_hash = payment_hash,
      .payment_secret = cx_.random.bytes32(),
      .description = std::move(asked.description),
      .expiry_s = asked.expiry_s,
      .min_final_cltv = sandbox_final_cltv,
      .features = {sandbox_features.begin(), sandbox_features.end()},
  };
  auto text = bolt11::encode(invoice, sandbox_node_key(tenant_));
  note_made_nothing(!text);
  if (!text) co_return fail(ErrorCode::invalid_request, std::string(bolt11::sentence(text.error())), "description");
  const auto* const plain = std::get_if<std::string>(&invoice.description);
  const auto* const hashed = std::get_if<bolt11::DescriptionHash>(&invoice.description);
  const SandboxInvoice row{
      .bolt11 = std::move(*text),
      .amount = asked.amount,
      .description = plain != nullptr ? *plain : std::string{},
      .description_hash = hashed != nullptr ? std::optional(hashed->sha256) : std::nullopt,
      .expiry_s = asked.expiry_s,
      .expires_at = invoice.expires_at(),
  };
  // The hash is new as a rule, so an existing invoice is read only after a conflict.
  co_return co_await attempt(retry([&, conflicted = false]() mutable -> Task<Result<NodeInvoice>> {
    if (std::exchange(conflicted, true)) {
      if (const auto existing = co_await lookup(payment_hash)) co_return *existing;
    }
    WriteBatch batch;
    batch.create(key(payment_hash), to_row(row));
    co_await cx_.store.commit(std::move(batch));
    co_return invoice_at(payment_hash, row, now);
  }));
}

Task<Result<InvoiceLookup>> SandboxNode::look_up_invoice(Bytes32 payment_hash) {
  const auto stored = co_await cx_.store.load<SandboxInvoice>(key(payment_hash));
  InvoiceLookup found{.invoice = {}, .node_time = cx_.now()};
  if (stored) found.invoice = invoice_at(payment_hash, stored->record, cx_.now());
  co_return found;
}

Task<Result<>> SandboxNode::cancel(Bytes32 payment_hash) {
  return retry([this, payment_hash]() -> Task<Result<>> {
    auto stored = co_await cx_.store.load<SandboxInvoice>(key(payment_hash));
    if (!stored) co_return fail(ErrorCode::not_found);
    if (state_at(stored->record, cx_.now()) != InvoiceState::open) co_return {};
    stored->record.canceled_at = cx_.now();
    stored->record.paid_at.reset();
    WriteBatch batch;
    batch.replace(stored->entry, to_row(stored->record));
    co_return co_await attempt(cx_.store.commit(std::move(batch)));
  });
}

Task<Result<>> SandboxNode::pay(Bytes32 payment_hash, IncomingPayment payment, WriteBatch also) {
  auto stored = co_await cx_.store.load<SandboxInvoice>(key(payment_hash));
  if (!stored) co_return fail(ErrorCode::not_found);
  auto& invoice = stored->record;
  const bool settles_short = cx_.sandbox.has(SandboxFault::settles_short);
  if (settles_short) payment.amount.value = (payment.amount.value + 1) / 2;
  // After a commit with an unknown outcome: the payment and `also` are stored already.
  if (invoice.paid_at == payment.at && invoice.paid == payment.amount) co_return {};
  const bool open = state_at(invoice, cx_.now()) == InvoiceState::open;
  if (invoice.paid_at || open == payment.late) {
    co_return fail(ErrorCode::invalid_state,
                   payment.late
                       ? "`late` is for a canceled or expired invoice; this one is open or paid."
                       : "This invoice is paid, canceled or expired and cannot be paid. Set `late` to send a payment anyway.");
  }
  if (!payment.late && payment.at >= invoice.expires_at) {
    co_return fail(ErrorCode::invalid_state, "The invoice expires before this delay ends. Use a shorter delay_ms.", "delay_ms");
  }
  if (const auto due = invoice.amount; due && !settles_short && (payment.amount < *due || payment.amount.value > 2 * due->value)) {
    co_return fail(ErrorCode::invalid_request, "The amount must be between the invoice's amount and twice that amount.",
                   "amount_msat");
  }
  invoice.paid_at = payment.at;
  invoice.paid = payment.amount;
  also.replace(stored->entry, to_row(invoice));
  co_return co_await attempt(cx_.store.commit(std::move(also)));
}

Task<Result<>> SandboxNode::expire(Bytes32 payment_hash, UnixMillis at, WriteBatch also) {
  return retry([this, payment_hash, at, also]() -> Task<Result<>> {
    auto stored = co_await cx_.store.load<SandboxInvoice>(key(payment_hash));
    if (!stored) co_return fail(ErrorCode::not_found);
    if (stored->record.expires_at == at) co_return {};
    if (state_at(stored->record, cx_.now()) != InvoiceState::open) {
      co_return fail(ErrorCode::invalid_state, "Only an open charge can expire; this one is not.");
    }
    stored->record.expires_at = at;
    stored->record.paid_at.reset();
    auto batch = also;
    batch.replace(stored->entry, to_row(stored->record));
    co_return co_await attempt(cx_.store.commit(std::move(batch)));
  });
}

Task<Result<>> SandboxNode::return_payment(Bytes32 payment_hash, WriteBatch also) {
  auto stored = co_await cx_.store.load<SandboxInvoice>(key(payment_hash));
  if (!stored) co_return fail(ErrorCode::not_found);
  stored->record.paid_at.reset();
  also.replace(stored->entry, to_row(stored->record));
  co_return co_await attempt(cx_.store.commit(std::move(also)));
}

}  // namespace lntpay
