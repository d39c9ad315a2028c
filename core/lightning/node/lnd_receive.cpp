// Invoices of lnd: add, look up, cancel.
#include "core/base/encoding.hpp"
#include "core/base/json.hpp"
#include "core/crypto/sha256.hpp"
#include "core/lightning/bolt11/decode.hpp"
#include "core/lightning/node/lnd.hpp"

namespace lntpay {
namespace {

std::string invoice_body(const InvoiceRequest& asked) {
  JsonObject body;
  body.add("r_preimage", base64(Base64::standard, asked.preimage))
      .add("value_msat", std::to_string(asked.amount.value_or(Msat{}).value))
      .add("expiry", std::to_string(asked.expiry_s));
  if (const auto* hash = std::get_if<bolt11::DescriptionHash>(&asked.description)) {
    body.add("description_hash", base64(Base64::standard, hash->sha256));
  } else {
    body.add("memo", std::get<std::string>(asked.description));
  }
  return body.text();
}

bool matches_request(const bolt11::Invoice& invoice, const InvoiceRequest& asked, std::string_view network) {
  return invoice.payment_hash == sha256(asked.preimage) && invoice.amount == asked.amount &&
         invoice.description == asked.description && invoice.expiry_s.value_or(bolt11::expiry_default_s) == asked.expiry_s &&
         bolt11::name(invoice.network) == network;
}

/// lnd has no such invoice. The second text is that of a node without any invoice.
bool is_not_found(const lnd::Refusal& refusal) {
  constexpr std::uint64_t not_found = 5;
  return refusal.code == not_found &&
         (refusal.message == "unable to locate invoice" || refusal.message == "there are no existing invoices");
}

}  // namespace

Task<Result<NodeInvoice>> LndNode::add_invoice(InvoiceRequest asked) {
  const auto payment_hash = sha256(asked.preimage);
  const auto added = co_await attempt(call(lnd::request_for(lnd::receive, "/v1/invoices", invoice_body(asked))));
  if (!added) note_made_nothing(!sent_);
  const auto& answer = co_await added;
  NodeInvoice invoice{.payment_hash = payment_hash, .bolt11 = {}};
  if (!answer.refusal) {
    invoice.bolt11 = lnd::text_in(answer.object, "payment_request");
    if (invoice.bolt11.empty()) co_return fail(ErrorCode::node_unavailable);
  } else {
    if (answer.refusal->message != "invoice with payment hash already exists") {
      note_made_nothing(lnd::definite_reason(*answer.refusal).has_value());
      co_return lnd::unavailable(*answer.refusal);
    }
    // An earlier response was lost: the invoice is ours, because only we know the preimage.
    const auto there = co_await lookup(payment_hash);
    if (!there) co_return fail(ErrorCode::node_unavailable);
    invoice = *there;
  }
  const auto read = bolt11::decode(invoice.bolt11);
  co_await invariant(read && matches_request(*read, asked, cx_.settings.live_network), "the node's invoice matches the request");
  invoice.amount = read->amount;
  invoice.description = read->description;
  invoice.expiry_s = read->expiry_s.value_or(bolt11::expiry_default_s);
  invoice.expires_at = read->expires_at();
  invoice.next_poll_at = lnd::next_poll_at(read->created_at(), invoice.expires_at, cx_.now());
  co_return invoice;
}

Task<Result<InvoiceLookup>> LndNode::look_up_invoice(Bytes32 payment_hash) {
  const auto answer = co_await call(lnd::request_for(lnd::receive, "/v1/invoice/" + hex(payment_hash)));
  if (answer.refusal) {
    if (is_not_found(*answer.refusal)) co_return InvoiceLookup{.invoice = {}, .node_time = answer.node_time};
    co_return lnd::unavailable(*answer.refusal);
  }
  auto invoice = lnd::invoice_in(answer.object, cx_.now());
  if (!invoice || invoice->payment_hash != payment_hash) co_return fail(ErrorCode::node_unavailable);
  co_return InvoiceLookup{std::move(invoice), answer.node_time};
}

Task<Result<>> LndNode::cancel(Bytes32 payment_hash) {
  auto body = JsonObject{}.add("payment_hash", base64(Base64::standard, payment_hash)).text();
  const auto answer = co_await call(lnd::request_for(lnd::receive, "/v2/invoices/cancel", std::move(body)));
  if (!answer.refusal) co_return {};
  // The error does not distinguish settled, unknown and other causes; the invoice does.
  const auto seen = co_await lookup(payment_hash);
  if (!seen) co_return fail(ErrorCode::not_found);
  if (seen->state == InvoiceState::open) co_return lnd::unavailable(*answer.refusal);
  co_return {};
}

}  // namespace lntpay
