// /v1/charges. The object: core/charge/charge_object.hpp.
#include "core/access/workspace.hpp"
#include "core/base/encoding.hpp"
#include "core/charge/charge_creation.hpp"
#include "core/charge/charge_list.hpp"
#include "core/charge/charge_object.hpp"
#include "core/charge/charge_operations.hpp"
#include "core/crypto/sha256.hpp"
#include "core/webhook/delivery/charge_target.hpp"
#include "core/webhook/egress/egress.hpp"
#include "edge/http/amounts.hpp"
#include "edge/resources/fields.hpp"
#include "edge/resources/lists.hpp"
#include "edge/resources/resources.hpp"

namespace lntpay {
namespace charges_resource {
namespace {

using enum FieldType;

constexpr Field create_body[] = {
    {.name = "amount_sats",
     .type = sats,
     .description = "The amount in satoshi; or amount_msat. Without either the payer chooses the amount: a tip, a donation."},
    {.name = "amount_msat", .type = msats, .description = "The amount in millisatoshi.", .instead_of = "amount_sats"},
    {.name = "min_sats",
     .type = sats,
     .description = "Without an amount: the least to expect; less is credited and leaves the charge underpaid.",
     .instead_of = "amount_sats"},
    {.name = "min_msat", .type = msats, .description = "The same in millisatoshi.", .instead_of = "min_sats"},
    {.name = "max_sats",
     .type = sats,
     .description = "Without an amount: the most to expect; more is credited and marked.",
     .instead_of = "amount_sats"},
    {.name = "max_msat", .type = msats, .description = "The same in millisatoshi.", .instead_of = "max_sats"},
    {.name = "description",
     .type = text,
     .description = "The text that the payer reads in the invoice.",
     .min = 0,
     .max = bolt11::description_bytes_max},
    {.name = "description_hash",
     .type = hex32,
     .description = "SHA-256 of a longer description, in place of description.",
     .instead_of = "description"},
    {.name = "unhashed_description",
     .type = text,
     .description = "A longer description, in place of description: the invoice has its SHA-256.",
     .max = 4'096,
     .instead_of = "description"},
    {.name = "expires_in",
     .type = integer,
     .description = "Seconds until the invoice expires; default: the workspace's default_expires_in, which is 600 at first.",
     .min = 1,
     .max = invoice_expiry_s_max},
    fields::external_id,
    fields::metadata,
    {.name = "success_url",
     .type = text,
     .description = "Where the checkout page leads after the payment; https in live. Default: the workspace's; null for none.",
     .max = url_bytes_max,
     .form = "page_url"},
    {.name = "cancel_url",
     .type = text,
     .description =
         "Where the checkout page leads back to while it is not paid; https in live. Default: the workspace's; null for none.",
     .max = url_bytes_max,
     .form = "page_url"},
    {.name = "renewable",
     .type = boolean,
     .description = "Once the charge has expired, its checkout page makes a new charge, which names this one as renews."},
    {.name = "webhook_url",
     .type = url,
     .description = "Where the end of this charge is posted to, signed with the workspace's webhook secret; https.",
     .max = url_bytes_max,
     .form = "webhook_url"},
    {.name = "late_policy",
     .type = one_of,
     .description = "A late payment is credited; with credit_and_unlock it also counts as paid.",
     .names = enum_names<LatePolicy>},
};
constexpr Field change_body[] = {
    {.name = "metadata",
     .type = object,
     .description = "Your own data, in place of all that was there; null removes it.",
     .max = fields::metadata.max},
};
constexpr std::string_view listed_statuses[] = {"pending", "paid", "underpaid", "expired", "canceled", "paid_late"};
constexpr auto list_query = fields::filtered_list_query(listed_statuses);

/// A link of the checkout page; empty: none.
Result<std::string> page_url_of(const Call& call, const char* name, const std::string& by_default) {
  auto url = call.body.is_null(name) ? std::string() : call.body.text(name).value_or(by_default);
  if (url.empty()) return url;
  const auto read = parse_url(url);
  if (!read) return fail(ErrorCode::invalid_request, read.error(), name);
  if (!read->secure && call.tenant.environment == Environment::live) {
    return fail(ErrorCode::invalid_request, std::string(name) + " must be https for a live charge.", name);
  }
  return url;
}

/// The bounds of a charge without an amount.
Result<AmountBounds> bounds_of(const Call& call, std::optional<Msat> amount) {
  const auto min = amount_of(call.body, "min_sats", "min_msat");
  if (!min) return std::unexpected(min.error());
  const auto max = amount_of(call.body, "max_sats", "max_msat");
  if (!max) return std::unexpected(max.error());
  if (amount && (*min || *max))
    return fail(ErrorCode::invalid_request, "Bounds are for a charge without an amount. Give either an amount or bounds.");
  if (*min && *max && **max < **min) return fail(ErrorCode::invalid_request, "The maximum is below the minimum.", "max_sats");
  return AmountBounds{*min, *max};
}

/// The three forms of a description, of which a request may have one.
Result<> describe(const Body& body, ChargeRequest& asked) {
  asked.description = body.text("description").value_or("");
  if (auto text = body.text("unhashed_description")) {
    if (!asked.description.empty()) {
      return fail(ErrorCode::invalid_request, "Give either description or unhashed_description.", "unhashed_description");
    }
    asked.description_hash = sha256(bytes_of(*text));
    asked.description = *std::move(text);
  }
  if (const auto hash = body.text("description_hash")) {
    if (!asked.description.empty()) {
      return fail(ErrorCode::invalid_request, "Give either description or description_hash.", "description_hash");
    }
    asked.description_hash = hex_decode32(*hash);
  }
  return {};
}

Done create(Call& call) {
  const auto workspace = co_await get_workspace(call.cx, call.tenant.workspace);
  const auto amount = co_await amount_of(call.body, "amount_sats", "amount_msat");
  ChargeRequest asked{
      .amount = amount,
      .bounds = co_await bounds_of(call, amount),
      .description = {},
      .expires_in_s = static_cast<std::uint32_t>(call.body.integer("expires_in").value_or(workspace.expires_in_s)),
      .external_id = call.body.text("external_id").value_or(""),
      .metadata = call.body.object("metadata").value_or(""),
      .success_url = co_await page_url_of(call, "success_url", workspace.success_url),
      .webhook_url = call.body.text("webhook_url").value_or(""),
      .cancel_url = co_await page_url_of(call, "cancel_url", workspace.cancel_url),
      .renewable = call.body.flag("renewable").value_or(false),
  };
  if (const auto policy = call.body.text("late_policy")) asked.late_policy = *from_name<LatePolicy>(*policy);
  co_await describe(call.body, asked);
  if (!asked.webhook_url.empty()) co_await check_charge_webhook(call.cx, call.tenant, asked.webhook_url);
  co_return (co_await create_charge(call.cx, call.tenant, std::move(asked), call.claim)).json;
}

Done get(Call& call) {
  const auto charge = co_await get_charge(call.cx, call.tenant, co_await path_id<ChargeId>(call), wait_of(call));
  co_return charge_json(call.cx.settings, charge, call.tenant);
}

Done list(Call& call) {
  return list_page(
      call, [&call](const Page& page) { return list_charges(call.cx, call.tenant, filter_of<ChargeFilter>(call.query), page); },
      [&call](const Charge& charge) { return charge_json(call.cx.settings, charge, call.tenant); });
}

Done change(Call& call) {
  const auto id = co_await path_id<ChargeId>(call);
  const bool names_it = call.body.has("metadata") || call.body.is_null("metadata");
  const auto charge = names_it ? co_await change_metadata(call.cx, call.tenant, id, call.body.object("metadata").value_or(""))
                               : co_await get_charge(call.cx, call.tenant, id, {});
  co_return charge_json(call.cx.settings, charge, call.tenant);
}

Done cancel(Call& call) { co_return co_await cancel_charge(call.cx, call.tenant, co_await path_id<ChargeId>(call), call.claim); }

constexpr ErrorCode create_errors[] = {ErrorCode::node_unavailable, ErrorCode::invalid_state};

constexpr Route routes[] = {
    {.method = "POST",
     .pattern = "/v1/charges",
     .summary = "Create a charge",
     .handler = create,
     .scopes = {Scope::charges_write},
     .idempotency = IdempotencyUse::accepted,
     .body = create_body,
     .success = 201,
     .answer = charge_fields,
     .errors = create_errors},
    {.method = "GET",
     .pattern = "/v1/charges",
     .summary = "List charges",
     .handler = list,
     .scopes = {Scope::charges_read},
     .query = list_query,
     .answer = charge_fields,
     .list = true},
    {.method = "GET",
     .pattern = "/v1/charges/{charge}",
     .summary = "Get a charge, or wait for it",
     .handler = get,
     .scopes = {Scope::charges_read},
     .query = fields::wait_query,
     .answer = charge_fields,
     .errors = errors::missing},
    {.method = "PATCH",
     .pattern = "/v1/charges/{charge}",
     .summary = "Change the metadata of a charge",
     .handler = change,
     .scopes = {Scope::charges_write},
     .body = change_body,
     .answer = charge_fields,
     .errors = errors::missing},
    {.method = "POST",
     .pattern = "/v1/charges/{charge}/cancel",
     .summary = "Cancel a charge",
     .handler = cancel,
     .scopes = {Scope::charges_write},
     .idempotency = IdempotencyUse::accepted,
     .answer = charge_fields,
     .errors = errors::state_and_node},
};

}  // namespace
}  // namespace charges_resource

std::span<const Route> resources::charges() { return charges_resource::routes; }

}  // namespace lntpay
