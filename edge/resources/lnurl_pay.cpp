// What wallets ask of a pay link, without a key: LUD-06 and LUD-16 (offer and invoice), LUD-21 (is it paid?).
#include "core/charge/charge_operations.hpp"
#include "core/charge/checkout_token.hpp"
#include "core/pay_link/pay_link_object.hpp"
#include "core/pay_link/pay_offer.hpp"
#include "core/tenant/enter_tenant.hpp"
#include "edge/gate/gate_check.hpp"
#include "edge/http/request.hpp"
#include "edge/resources/fields.hpp"
#include "edge/resources/resources.hpp"

namespace lntpay {
namespace lnurl_pay_resource {
namespace {

using enum FieldType;

constexpr Field invoice_query[] = {
    {.name = "amount", .type = msats, .description = "The amount in millisatoshi.", .required = true},
    {.name = "comment",
     .type = text,
     .description = "For the payee, if the offer takes comments.",
     .min = 0,
     .max = std::size_t{4} * comment_length_limit},
};

Done offer(Call& call) {
  const auto at = co_await enter_pay_link(call.cx, call.path[0]);
  const auto callback = pay_link_url(call.cx.settings, at.link.name) + "/invoice";
  const auto metadata = pay_metadata(call.cx.settings, at.link);
  co_return pay_offer_object.text({callback, at.link, metadata});
}

Done invoice(Call& call) {
  const auto at = co_await enter_pay_link(call.cx, call.path[0]);
  const auto charge = co_await charge_for(call.cx, at, *call.query.msats("amount"), call.query.text("comment").value_or(""),
                                          gate_client_of(client_address(call.request)));
  const auto verify = verify_url(call.cx.settings, at.tenant, charge);
  co_return pay_invoice_object.text({charge.bolt11, verify});
}

Done verify(Call& call) {
  auto place = parse_verify_token(call.cx.settings, call.path[0]);
  if (!place) co_return fail(ErrorCode::not_found, "This link belongs to no payment. Check that it was copied completely.");
  place->tenant = co_await enter_tenant(call.cx, place->tenant);
  const auto charge = co_await get_charge(call.cx, place->tenant, place->charge, {});
  co_return pay_verdict_object.text({charge.bolt11, co_await preimage_of(call.cx, place->tenant, charge)});
}

constexpr ErrorCode invoice_errors[] = {ErrorCode::not_found, ErrorCode::node_unavailable};

constexpr Route routes[] = {
    {.method = "GET",
     .pattern = "/.well-known/lnurlp/{name}",
     .summary = "What a wallet can pay to an address (LNURL-pay)",
     .handler = offer,
     .access = Access::open,
     .per_client = true,
     .answer = pay_offer_fields,
     .for_wallet = true,
     .errors = errors::missing},
    {.method = "GET",
     .pattern = "/.well-known/lnurlp/{name}/invoice",
     .summary = "An invoice of the amount that a wallet's user chose",
     .handler = invoice,
     .access = Access::open,
     .per_client = true,
     .query = invoice_query,
     .answer = pay_invoice_fields,
     .for_wallet = true,
     .errors = invoice_errors},
    {.method = "GET",
     .pattern = "/pay/{token}/verify",
     .summary = "Whether the invoice of a wallet is paid",
     .handler = verify,
     .access = Access::open,
     .per_client = true,
     .answer = pay_verdict_fields,
     .for_wallet = true,
     .errors = errors::missing},
};

}  // namespace
}  // namespace lnurl_pay_resource

std::span<const Route> resources::lnurl_pay() { return lnurl_pay_resource::routes; }

}  // namespace lntpay
