// /v1/bolt11
#include "core/lightning/bolt11/decode.hpp"

#include "core/base/json.hpp"
#include "core/lightning/bolt11/invoice_json.hpp"
#include "core/lightning/bolt11/uri.hpp"
#include "core/lightning/node/node.hpp"
#include "edge/resources/handlers.hpp"

namespace lntpay::routes {

Done decode_invoice(Call& call) {
  const auto text = call.body.text("bolt11").value_or("");
  const auto invoice = bolt11::decode(bolt11::without_scheme(text));
  if (!invoice) co_return std::unexpected(bolt11::public_error(invoice.error()));
  const auto verdict = bolt11::payable(*invoice, call.cx.now(), payer_rules(call.cx.settings, call.tenant));
  const auto* const refused = verdict ? nullptr : &info(verdict.error());
  JsonObject payable;
  payable.add("ok", verdict.has_value())
      .add("code", refused != nullptr ? std::optional{refused->name} : std::nullopt)
      .add("message", refused != nullptr ? std::optional{refused->sentence} : std::nullopt);
  co_return bolt11::invoice_json(*invoice).raw("payable", payable.text()).text();
}

}  // namespace lntpay::routes
