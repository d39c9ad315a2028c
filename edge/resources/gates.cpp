// /v1/gates. The objects: core/gate/gate_object.hpp, core/gate/redemption_object.hpp; how a request at a gate is decided:
// edge/gate/gate_check.hpp.
#include <algorithm>

#include "core/gate/asked_price.hpp"
#include "core/gate/closing.hpp"
#include "core/gate/gate_object.hpp"
#include "core/gate/redemption_object.hpp"
#include "core/gate/revocation.hpp"
#include "edge/gate/described_visit.hpp"
#include "edge/gate/gate_answer.hpp"
#include "edge/resources/deleted.hpp"
#include "edge/resources/fields.hpp"
#include "edge/resources/lists.hpp"
#include "edge/resources/resources.hpp"

namespace lntpay {
namespace gates_resource {
namespace {

using enum FieldType;
using enum ErrorCode;

/// A change may give a part of them.
template <std::size_t N>
consteval std::array<Field, N> optional_fields(std::array<Field, N> fields) {
  for (auto& field : fields) field.required = false;
  return fields;
}
constexpr auto match_fields = gate_match_object.fields();
constexpr auto match_changes = optional_fields(match_fields);

constexpr Field create_body[] = {
    {.name = "name", .type = text, .description = "Your name for the gate.", .min = 0, .max = 100},
    {.name = "price_sats", .type = sats, .description = "The price of one payment, in satoshi.", .required = true},
    {.name = "match",
     .type = object,
     .description = "The requests that the gate guards: {\"method\": \"GET\" or \"*\", \"path\": \"/reports\" or \"/reports/*\"}.",
     .required = true,
     .members = Schema(match_fields),
     .max = 2'048},
    {.name = "mode",
     .type = one_of,
     .description = "per_request (default: one payment, one request), pass, or metered: the service reports what a request costs.",
     .names = enum_names<GateMode>},
    {.name = "uses",
     .type = integer,
     .description = "The number of requests that one payment covers; default: unlimited until it expires. Not per_request.",
     .max = gate_uses_max},
    {.name = "ttl_seconds",
     .type = integer,
     .description = "How long a payment is valid after its invoice has expired; default: 3600. Not per_request.",
     .min = 60,
     .max = gate_ttl_s_max},
    {.name = "schemes",
     .type = names,
     .description = "The schemes that a challenge offers; default: all.",
     .max = enum_names<GateScheme>.size(),
     .names = enum_names<GateScheme>},
    {.name = "commit",
     .type = one_of,
     .description = "at_once (default), or explicit: your service commits or releases each use.",
     .names = enum_names<GateCommit>},
    {.name = "repeat_seconds",
     .type = integer,
     .description = "How long the request of a committed use passes again, if its response was lost; default: 0, never.",
     .min = 0,
     .max = gate_repeat_s_max},
    {.name = "not_modified",
     .type = one_of,
     .description = "What a 304 of the service does with the use: release (default) or commit.",
     .names = enum_names<NotModified>},
    {.name = "cors",
     .type = one_of,
     .description = "Who answers the preflights of browsers: gate (default; any origin) or service.",
     .names = enum_names<GateCors>},
    {.name = "late_policy",
     .type = one_of,
     .description = "The effect of a payment after its challenge has ended: credit (default) or credit_and_unlock.",
     .names = enum_names<LatePolicy>},
    {.name = "min_credit_msat",
     .type = msats,
     .description = "Of a metered gate: a request passes while so much of the payment is left; default: 1000."},
    {.name = "max_price_msat",
     .type = msats,
     .description = "Of a metered gate: the most that one request costs; default: all that is left."},
    {.name = "price_url",
     .type = text,
     .description =
         "Asked for the price of each request by method, path and size, up to price_sats; null: price_sats is the price.",
     .min = 0,
     .max = 2'048,
     .form = "service_url"},
};
constexpr auto change_body = [] {
  auto fields = optional_fields(std::to_array(create_body));
  std::ranges::find(fields, std::string_view("match"), &Field::name)->members = Schema(match_changes);
  return fields;
}();
constexpr Field challenge_body[] = {described_method, described_path, described_size, described_client};
constexpr Field verify_body[] = {described_method, described_path,          described_size,
                                 described_client, described_authorization, described_headers};

template <NamedEnum E>
std::optional<E> enum_value(const Body& body, std::string_view name) {
  return body.text(name).and_then([](const std::string& text) { return from_name<E>(text); });
}

Result<GateChange> change_in(const Body& body) {
  GateChange change{
      .name = body.text("name"),
      .price = body.sats("price_sats"),
      .mode = enum_value<GateMode>(body, "mode"),
      .uses = body.integer("uses"),
      .unlimited = body.is_null("uses"),
      .ttl_s = body.integer("ttl_seconds"),
      .commit = enum_value<GateCommit>(body, "commit"),
      .repeat_s = body.integer("repeat_seconds"),
      .not_modified = enum_value<NotModified>(body, "not_modified"),
      .cors = enum_value<GateCors>(body, "cors"),
      .late_policy = enum_value<LatePolicy>(body, "late_policy"),
      .min_credit = body.msats("min_credit_msat"),
      .max_price = body.msats("max_price_msat"),
      .price_url = body.is_null("price_url") ? std::string() : body.text("price_url"),
  };
  if (const auto text = body.object("match")) {
    const auto match = validate(match_changes, *text);
    if (!match) return std::unexpected(match.error());
    change.method = match->text("method");
    change.path = match->text("path");
  }
  if (body.has("schemes")) {
    auto& schemes = change.schemes.emplace();
    for (const auto& name : body.names("schemes")) schemes.push_back(*from_name<GateScheme>(name));
  }
  return change;
}

/// A gate of the caller's own workspace.
Task<Result<std::shared_ptr<const EnteredGate>>> own_gate(Call& call) {
  auto at = co_await enter_gate(call.cx, co_await path_id<GateId>(call));
  if (at->tenant != call.tenant) co_return no_such_gate();
  co_return std::move(at);
}

Done create(Call& call) {
  auto asked = co_await change_in(call.body);
  co_return co_await create_gate(call.cx, call.tenant, std::move(asked), call.claim);
}

Done list(Call& call) {
  return list_page(
      call, [&call](const Page& page) { return list_gates(call.cx, call.tenant, page); },
      [&call](const Gate& gate) { return gate_json(gate, call.tenant); });
}

Done get(Call& call) {
  const auto stored = co_await find_gate(call.cx, call.tenant, co_await path_id<GateId>(call));
  co_return gate_json(stored.record, call.tenant);
}

Done change(Call& call) {
  auto change = co_await change_in(call.body);
  co_return gate_json(co_await change_gate(call.cx, call.tenant, co_await path_id<GateId>(call), std::move(change)), call.tenant);
}

Done erase(Call& call) {
  const auto id = co_await path_id<GateId>(call);
  co_await close_gate(call.cx, call.tenant, id);
  co_return deleted_object.text({id.text(), "gate"});
}

Done revoke(Call& call) { co_return co_await revoke_gate(call.cx, call.tenant, co_await path_id<GateId>(call), call.claim); }

Done make_challenge(Call& call) {
  const auto at = co_await own_gate(call);
  const auto visit = co_await described_visit(call.body, at->gate);
  auto quote = co_await quote_for(call.cx, *at, resource_of(*at, visit), visit.size);
  const auto offered = co_await challenge(call.cx, *at, std::move(quote), std::nullopt, visit.client, call.claim);
  auto json = challenge_object.text({offered.offers, {call.cx.settings, offered.charge, call.tenant}});
  co_return co_await idempotency::answered(call.cx, call.claim, std::move(json));
}

/// The answer to a credential that does not pass, with the challenge to send.
Task<Result<std::string>> refused_admission(Call& call, const EnteredGate& at, const Visit& visit, const Refused& refused) {
  const auto& sentence = refused.why.message;
  AdmissionView view{.status = status_of(refused),
                     .reason = sentence.empty() ? info(refused.why.code).sentence : std::string_view(sentence),
                     .retry_after_s = refused.why.retry_after_s};
  if (refused.why.code != unauthenticated) co_return admission_json(view);
  const auto offered = co_await challenge_for(call.cx, at, visit, refused);
  const ChallengeView challenge{offered.offers, {call.cx.settings, offered.charge, call.tenant}};
  view.challenge = &challenge;
  co_return admission_json(view);
}

Done verify_credential(Call& call) {
  const auto at = co_await own_gate(call);
  const auto visit = co_await described_visit(call.body, at->gate);
  const auto verdict = co_await check_visit(call.cx, *at, visit, ClaimMode::reserve, call.claim);
  if (const auto* passed = std::get_if<Passed>(&verdict)) co_return admission_json({.admission = passed->admission});
  // Nothing was claimed, so the same key may be used for the same question again.
  co_await idempotency::release(call.cx, call.claim);
  co_return co_await refused_admission(call, *at, visit, std::get<Refused>(verdict));
}

constexpr Route routes[] = {
    {.method = "POST",
     .pattern = "/v1/gates",
     .summary = "Put a price on requests",
     .handler = create,
     .scopes = {Scope::gates_write},
     .idempotency = IdempotencyUse::accepted,
     .body = create_body,
     .success = 201,
     .answer = gate_fields,
     .errors = errors::limit},
    {.method = "GET",
     .pattern = "/v1/gates",
     .summary = "List gates",
     .handler = list,
     .scopes = {Scope::gates_read},
     .query = fields::page,
     .answer = gate_fields,
     .list = true},
    {.method = "GET",
     .pattern = "/v1/gates/{gate}",
     .summary = "Get a gate",
     .handler = get,
     .scopes = {Scope::gates_read},
     .answer = gate_fields,
     .errors = errors::missing},
    {.method = "PATCH",
     .pattern = "/v1/gates/{gate}",
     .summary = "Change a gate, for future challenges",
     .handler = change,
     .scopes = {Scope::gates_write},
     .body = change_body,
     .answer = gate_fields,
     .errors = errors::missing},
    {.method = "DELETE",
     .pattern = "/v1/gates/{gate}",
     .summary = "Close a gate: it sells nothing any more, and ends when all that it sold has expired",
     .handler = erase,
     .scopes = {Scope::gates_write},
     .answer = deleted_fields,
     .errors = errors::missing},
    {.method = "POST",
     .pattern = "/v1/gates/{gate}/revoke",
     .summary = "Revoke all credentials that a gate has issued so far",
     .handler = revoke,
     .scopes = {Scope::gates_write},
     .idempotency = IdempotencyUse::accepted,
     .answer = gate_fields,
     .errors = errors::missing},
    {.method = "POST",
     .pattern = "/v1/gates/{gate}/challenge",
     .summary = "Make a challenge for one of your clients",
     .handler = make_challenge,
     .scopes = {Scope::gates_verify},
     .rate_class = ratelimit::RateClass::gate,
     .idempotency = IdempotencyUse::accepted,
     .body = challenge_body,
     .success = 201,
     .answer = challenge_fields,
     .errors = challenge_errors},
    {.method = "POST",
     .pattern = "/v1/gates/{gate}/verify",
     .summary = "Verify a credential and reserve a use of its payment, or make the challenge to send",
     .handler = verify_credential,
     .scopes = {Scope::gates_verify},
     .rate_class = ratelimit::RateClass::gate,
     .idempotency = IdempotencyUse::accepted,
     .body = verify_body,
     .answer = admission_fields,
     .errors = challenge_errors},
};

}  // namespace
}  // namespace gates_resource

std::span<const Route> resources::gates() { return gates_resource::routes; }

}  // namespace lntpay
