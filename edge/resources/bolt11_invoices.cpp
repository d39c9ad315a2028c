// /v1/bolt11: reading an invoice. The object: core/lightning/bolt11/invoice_object.hpp.
#include "core/lightning/bolt11/decode.hpp"
#include "core/lightning/bolt11/invoice_object.hpp"
#include "core/lightning/bolt11/pasted.hpp"
#include "core/lightning/bolt11/payable.hpp"
#include "core/lightning/node/node.hpp"
#include "edge/resources/fields.hpp"
#include "edge/resources/resources.hpp"

namespace lntpay {
namespace bolt11_invoices_resource {
namespace {

using enum FieldType;

constexpr Field decode_body[] = {
    {.name = "bolt11",
     .type = text,
     .description = "The invoice, in lower or upper case, with white space around it, or as a lightning: or bitcoin: link.",
     .required = true,
     .max = 262'144,
     .form = "bolt11"},
};
constexpr ErrorCode decode_errors[] = {ErrorCode::bolt11_invalid};

Done decode(Call& call) {
  const auto text = call.body.text("bolt11").value_or("");
  const auto invoice = bolt11::pasted_invoice(text).and_then(bolt11::decode);
  if (!invoice) co_return std::unexpected(bolt11::public_error(invoice.error()));
  const auto payable = bolt11::payable(*invoice, call.cx.now(), payer_rules(call.cx.settings, call.tenant));
  co_return bolt11::invoice_json({*invoice, payable}).text();
}

constexpr Route routes[] = {
    {.method = "POST",
     .pattern = "/v1/bolt11/decode",
     .summary = "Read an invoice",
     .handler = decode,
     .scopes = {Scope::charges_read},
     .body = decode_body,
     .answer = bolt11::invoice_fields,
     .errors = decode_errors},
};

}  // namespace
}  // namespace bolt11_invoices_resource

std::span<const Route> resources::bolt11_invoices() { return bolt11_invoices_resource::routes; }

}  // namespace lntpay
