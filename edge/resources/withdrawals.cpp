// /v1/withdrawals, refunds of charges, and the operator's decision on a withdrawal. The object:
// core/withdrawal/withdrawal_object.hpp.
#include "core/base/encoding.hpp"
#include "core/charge/charge_operations.hpp"
#include "core/lightning/bolt11/pasted.hpp"
#include "core/lightning/lnurl/destination.hpp"
#include "core/withdrawal/withdrawal_object.hpp"
#include "core/withdrawal/withdrawal_operations.hpp"
#include "core/withdrawal/withdrawal_request.hpp"
#include "edge/http/amounts.hpp"
#include "edge/http/request.hpp"
#include "edge/resources/fields.hpp"
#include "edge/resources/lists.hpp"
#include "edge/resources/resources.hpp"

namespace lntpay {
namespace withdrawals_resource {
namespace {

using enum FieldType;
using enum ErrorCode;

constexpr Field amount_sats{.name = "amount_sats",
                            .type = sats,
                            .description = "The amount, only if the invoice states none, and for a destination; or amount_msat."};
constexpr Field amount_msat{.name = "amount_msat",
                            .type = msats,
                            .description = "The amount, only if the invoice states none, and for a destination; or amount_sats.",
                            .instead_of = "amount_sats"};
constexpr Field max_fee_sats{
    .name = "max_fee_sats", .type = sats, .description = "The fee limit; default: the larger of 5 sats and 1 %.", .min = 0};
constexpr Field max_fee_msat{
    .name = "max_fee_msat", .type = msats, .description = "The fee limit in millisatoshi.", .min = 0, .instead_of = "max_fee_sats"};
constexpr Field bolt11_field{.name = "bolt11",
                             .type = text,
                             .description = fields::bolt11.description,
                             .max = fields::bolt11.max,
                             .form = fields::bolt11.form};
constexpr Field destination_field{
    .name = "destination",
    .type = text,
    .description =
        "In place of an invoice, with the amount: a Lightning address (name@example.com) or an LNURL, whose service is "
        "asked for the invoice.",
    .max = lnurl::destination_bytes_max,
    .form = "destination",
    .instead_of = "bolt11",
    .one_needed = true};
constexpr Field comment_field{
    .name = "comment", .type = text, .description = "For the payee of a destination, where its service takes one.", .max = 1'000};
constexpr Field quote_body[] = {bolt11_field, destination_field, comment_field, amount_sats,
                                amount_msat,  max_fee_sats,      max_fee_msat};
constexpr Field create_body[] = {bolt11_field, destination_field, comment_field,       amount_sats,     amount_msat,
                                 max_fee_sats, max_fee_msat,      fields::external_id, fields::metadata};
constexpr auto list_query = fields::filtered_list_query(shown_withdrawal_statuses);
constexpr std::string_view outcome_names[] = {"succeeded", "failed"};
constexpr Field resolve_body[] = {
    {.name = "outcome", .type = one_of, .description = "The outcome of the payment.", .required = true, .names = outcome_names},
    {.name = "preimage", .type = hex32, .description = "For succeeded: the proof of payment."},
    {.name = "fee_msat", .type = msats, .description = "For succeeded: the routing fee that was paid.", .min = 0},
    fields::evidence,
};

constexpr ErrorCode quote_errors[] = {bolt11_invalid,          bolt11_amount_mismatch, bolt11_expired,   bolt11_expiry_too_far,
                                      bolt11_network_mismatch, self_payment,           node_unavailable, destination_unusable};
constexpr ErrorCode create_errors[] = {
    limit_exceeded, bolt11_invalid,     bolt11_amount_mismatch, bolt11_expired, bolt11_expiry_too_far, bolt11_network_mismatch,
    self_payment,   insufficient_funds, fee_limit_too_low,      invalid_state,  node_unavailable,      destination_unusable};
constexpr ErrorCode refund_errors[] = {not_found,           limit_exceeded,        bolt11_invalid,          bolt11_amount_mismatch,
                                       bolt11_expired,      bolt11_expiry_too_far, bolt11_network_mismatch, self_payment,
                                       insufficient_funds,  fee_limit_too_low,     invalid_state,           node_unavailable,
                                       destination_unusable};
constexpr ErrorCode reconcile_errors[] = {not_found, node_unavailable};

Result<std::string> invoice_in(const Body& body) {
  const auto pasted = body.text("bolt11").value_or("");
  const auto invoice = bolt11::pasted_invoice(pasted);
  if (invoice) return std::string(*invoice);
  auto error = bolt11::public_error(invoice.error());
  const auto reason = invoice.error().reason;
  if (reason == bolt11::Reason::lightning_address_not_invoice || reason == bolt11::Reason::lnurl_not_invoice)
    error.message += " Or send it as destination, with amount_sats.";
  return std::unexpected(std::move(error));
}

Result<WithdrawalRequest> request_of(const Call& call) {
  const auto amount = amount_of(call.body, "amount_sats", "amount_msat");
  if (!amount) return std::unexpected(amount.error());
  const auto fee_limit = amount_of(call.body, "max_fee_sats", "max_fee_msat");
  if (!fee_limit) return std::unexpected(fee_limit.error());
  const auto destination = call.body.text("destination");
  if (destination && call.body.has("bolt11")) return fail(invalid_request, "Give either bolt11 or destination.", "destination");
  if (!destination && !call.body.has("bolt11"))
    return fail(invalid_request, "Give bolt11, the invoice to pay, or a destination.", "bolt11");
  if (destination && !*amount)
    return fail(invalid_request, "A destination states no amount. Set amount_sats or amount_msat.", "amount_sats");
  if (!destination && call.body.has("comment"))
    return fail(invalid_request, "An invoice takes no comment. Leave it out, or give a destination.", "comment");
  const auto invoice = destination ? Result<std::string>{} : invoice_in(call.body);
  if (!invoice) return std::unexpected(invoice.error());
  return WithdrawalRequest{
      .bolt11 = *invoice,
      .destination = destination.value_or(""),
      .comment = call.body.text("comment").value_or(""),
      .amount = *amount,
      .fee_limit = *fee_limit,
      .external_id = call.body.text("external_id").value_or(""),
      .metadata = call.body.object("metadata").value_or(""),
      .spender = Spender::of(call.key),
  };
}

bool shows_preimage(const Call& call) { return call.key.grant.scopes.has(Scope::withdrawals_preimage); }

/// A quote of a destination sends requests, which a key that only reads may not cause.
Done quote(Call& call) {
  if (call.body.has("destination")) co_await require_scopes(call.key.grant.scopes, {Scope::withdrawals_write});
  co_return co_await quote_withdrawal(call.cx, call.tenant, co_await request_of(call));
}

/// With `Prefer: wait=25` the response to the first request has the state that was reached by then. Its retries get what was
/// stored: the withdrawal as it was locked.
Task<Result<std::string>> request(Call& call, WithdrawalRequest asked) {
  auto made = co_await request_withdrawal(call.cx, call.tenant, std::move(asked), call.claim);
  if (made.duplicate) call.status = 200;
  const auto wait = preferred_wait(call.request);
  if (made.duplicate || wait == Millis{}) co_return std::move(made.json);
  call.headers.push_back({"preference-applied", "wait=" + std::to_string(wait.value / 1'000)});
  co_return co_await get_withdrawal(call.cx, call.tenant, made.id, wait, shows_preimage(call));
}

Done create(Call& call) { co_return co_await request(call, co_await request_of(call)); }

Done refund(Call& call) {
  const auto charge = co_await get_charge(call.cx, call.tenant, co_await path_id<ChargeId>(call), {});
  auto asked = co_await request_of(call);
  asked.refunds = charge.id;
  co_return co_await request(call, std::move(asked));
}

Done refunds(Call& call) {
  const auto charge = co_await get_charge(call.cx, call.tenant, co_await path_id<ChargeId>(call), {});
  co_return co_await list_page(
      call, [&](const Page& page) { return list_refunds(call.cx, call.tenant, charge.id, page); },
      [&call](const Withdrawal& each) { return withdrawal_json(each, call.tenant); });
}

Done get(Call& call) {
  co_return co_await get_withdrawal(call.cx, call.tenant, co_await path_id<WithdrawalId>(call), wait_of(call),
                                    shows_preimage(call));
}

Done list(Call& call) {
  return list_page(
      call,
      [&call](const Page& page) { return list_withdrawals(call.cx, call.tenant, filter_of<WithdrawalFilter>(call.query), page); },
      [&call](const Withdrawal& each) { return withdrawal_json(each, call.tenant); });
}

Done cancel(Call& call) {
  co_return co_await cancel_withdrawal(call.cx, call.tenant, co_await path_id<WithdrawalId>(call), call.claim);
}

Done reconcile_one(Call& call) {
  co_return co_await reconcile_withdrawal(call.cx, call.tenant, co_await path_id<WithdrawalId>(call), call.claim);
}

Done resolve(Call& call) {
  const auto tenant = co_await named_tenant(call);
  Resolution resolution{
      .succeeded = *call.body.text("outcome") == "succeeded",
      .fee = call.body.msats("fee_msat"),
      .evidence = *call.body.text("evidence"),
  };
  if (const auto preimage = call.body.text("preimage")) resolution.preimage = hex_decode32(*preimage);
  co_return co_await resolve_withdrawal(call.cx, tenant, co_await path_id<WithdrawalId>(call, 1), std::move(resolution),
                                        call.claim);
}

constexpr Route routes[] = {
    {.method = "POST",
     .pattern = "/v1/withdrawals/quote",
     .summary = "See what a withdrawal would lock",
     .handler = quote,
     .scopes = {Scope::withdrawals_read},
     .body = quote_body,
     .answer = withdrawal_quote_fields,
     .errors = quote_errors},
    {.method = "POST",
     .pattern = "/v1/withdrawals",
     .summary = "Withdraw by paying an invoice or a Lightning address",
     .handler = create,
     .scopes = {Scope::withdrawals_write},
     .idempotency = IdempotencyUse::required,
     .answer_kept = idempotency::retention_of_withdrawals,
     .body = create_body,
     .success = 202,
     .other_success = 200,
     .answer = withdrawal_fields,
     .errors = create_errors},
    {.method = "POST",
     .pattern = "/v1/charges/{charge}/refund",
     .summary = "Refund a charge by paying an invoice of the payer",
     .handler = refund,
     .scopes = {Scope::withdrawals_write},
     .idempotency = IdempotencyUse::required,
     .answer_kept = idempotency::retention_of_withdrawals,
     .body = create_body,
     .success = 202,
     .other_success = 200,
     .answer = withdrawal_fields,
     .errors = refund_errors},
    {.method = "GET",
     .pattern = "/v1/charges/{charge}/refunds",
     .summary = "List the refunds of a charge",
     .handler = refunds,
     .scopes = {Scope::withdrawals_read},
     .query = fields::page,
     .answer = withdrawal_fields,
     .list = true,
     .errors = errors::missing},
    {.method = "GET",
     .pattern = "/v1/withdrawals",
     .summary = "List withdrawals",
     .handler = list,
     .scopes = {Scope::withdrawals_read},
     .query = list_query,
     .answer = withdrawal_fields,
     .list = true},
    {.method = "GET",
     .pattern = "/v1/withdrawals/{withdrawal}",
     .summary = "Get a withdrawal, or wait for it",
     .handler = get,
     .scopes = {Scope::withdrawals_read},
     .query = fields::wait_query,
     .answer = withdrawal_fields,
     .errors = errors::missing},
    {.method = "POST",
     .pattern = "/v1/withdrawals/{withdrawal}/cancel",
     .summary = "Cancel a withdrawal that was not sent yet",
     .handler = cancel,
     .scopes = {Scope::withdrawals_write},
     .idempotency = IdempotencyUse::accepted,
     .answer_kept = idempotency::retention_of_withdrawals,
     .answer = withdrawal_fields,
     .errors = errors::state},
    {.method = "POST",
     .pattern = "/v1/withdrawals/{withdrawal}/reconcile",
     .summary = "Ask the node about a withdrawal now",
     .handler = reconcile_one,
     .scopes = {Scope::withdrawals_write},
     .idempotency = IdempotencyUse::accepted,
     .answer_kept = idempotency::retention_of_withdrawals,
     .answer = withdrawal_fields,
     .errors = reconcile_errors},
    {.method = "POST",
     .pattern = "/v1/admin/workspaces/{workspace}/withdrawals/{withdrawal}/resolve",
     .summary = "Resolve a withdrawal that needs review",
     .handler = resolve,
     .access = Access::operator_token,
     .idempotency = IdempotencyUse::accepted,
     .answer_kept = idempotency::retention_of_withdrawals,
     .body = resolve_body,
     .query = fields::environment_query,
     .answer = withdrawal_fields,
     .errors = errors::state_and_node},
};

}  // namespace
}  // namespace withdrawals_resource

std::span<const Route> resources::withdrawals() { return withdrawals_resource::routes; }

}  // namespace lntpay
