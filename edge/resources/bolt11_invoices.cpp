// /v1/bolt11: reading an invoice. docs/bolt11.md describes the fields.
#include "core/base/object.hpp"
#include "core/lightning/bolt11/decode.hpp"
#include "core/lightning/bolt11/invoice_json.hpp"
#include "core/lightning/bolt11/uri.hpp"
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
     .description = "The invoice, in lower or upper case; a leading \"lightning:\" is ignored.",
     .required = true,
     .max = 262'144},
};
constexpr ErrorCode decode_errors[] = {ErrorCode::bolt11_invalid};

constexpr std::string_view networks[] = {"bitcoin", "testnet", "signet", "regtest", "simnet"};
/// Of the JSON that bolt11::invoice_json writes, and `payable`.
constexpr Field invoice_fields[] = {
    {.name = "object", .type = text, .description = "\"bolt11\"", .required = true},
    {.name = "network", .type = one_of, .description = "The network on which it can be paid.", .required = true, .names = networks},
    {.name = "amount_sats", .type = sats, .description = "The amount, if it is a whole number of satoshi."},
    {.name = "amount_msat", .type = msats, .description = "The amount; null if the payer chooses it."},
    {.name = "payee", .type = text, .description = "The public key that signed the invoice.", .required = true},
    {.name = "payee_stated", .type = boolean, .description = "Whether the invoice names the payee (field n).", .required = true},
    {.name = "payment_hash", .type = hex32, .description = "Field p.", .required = true},
    {.name = "payment_secret", .type = hex32, .description = "Field s.", .required = true},
    {.name = "description", .type = text, .description = "Field d; null if there is a hash of it.", .min = 0},
    {.name = "description_hash", .type = hex32, .description = "Field h."},
    {.name = "timestamp", .type = integer, .description = "When it was made, in Unix seconds.", .required = true},
    {.name = "created_at", .type = time, .description = "The same as a time.", .required = true},
    {.name = "expiry", .type = integer, .description = "Seconds until it expires; default: 3600.", .required = true},
    {.name = "expires_at", .type = time, .description = "When it expires.", .required = true},
    {.name = "min_final_cltv", .type = integer, .description = "Blocks; default: 18.", .required = true},
    {.name = "features", .type = object, .description = "List of {bit, name or null, required}.", .required = true},
    {.name = "routes",
     .type = object,
     .description = "List of hints, each a list of {node, short_channel_id, fee_base_msat, fee_proportional_millionths, "
                    "cltv_expiry_delta}.",
     .required = true},
    {.name = "fallbacks", .type = object, .description = "List of {version, program in hex}.", .required = true},
    {.name = "metadata", .type = text, .description = "Field m, in hex.", .min = 0},
    {.name = "unknown_fields", .type = object, .description = "List of {type, data} in bech32 characters.", .required = true},
    {.name = "ignored_fields",
     .type = object,
     .description = "As unknown_fields: fields of a length or version that readers skip.",
     .required = true},
    {.name = "field_order", .type = text, .description = "The types of the fields in their order.", .required = true},
    {.name = "signature", .type = text, .description = "r and s, in hex.", .required = true},
    {.name = "recovery_id", .type = integer, .description = "0 to 3.", .required = true},
    {.name = "high_s", .type = boolean, .description = "Whether s is above half the group order.", .required = true},
    {.name = "warnings", .type = object, .description = "What other nodes reject: list of {code, message}.", .required = true},
    {.name = "payable",
     .type = object,
     .description = "{ok, code, message}: whether this environment would pay it now.",
     .required = true},
};

Done decode(Call& call) {
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

constexpr Route routes[] = {
    {.method = "POST",
     .pattern = "/v1/bolt11/decode",
     .summary = "Read an invoice",
     .handler = decode,
     .scopes = {Scope::charges_read},
     .body = decode_body,
     .answer = invoice_fields,
     .errors = decode_errors},
};

}  // namespace
}  // namespace bolt11_invoices_resource

std::span<const Route> resources::bolt11_invoices() { return bolt11_invoices_resource::routes; }

}  // namespace lntpay
