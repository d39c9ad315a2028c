// /v1/gates. The objects: core/gate/gate_object.hpp, core/gate/redemption_object.hpp; how a request at a gate is decided:
// edge/gate/gate_check.hpp.
#include "core/charge/charge_object.hpp"
#include "core/gate/gate_object.hpp"
#include "core/gate/redemption_object.hpp"
#include "edge/gate/gate_check.hpp"
#include "edge/resources/deleted.hpp"
#include "edge/resources/fields.hpp"
#include "edge/resources/lists.hpp"
#include "edge/resources/resources.hpp"

namespace lntpay {
namespace gates_resource {
namespace {

using enum FieldType;
using enum ErrorCode;

constexpr Field create_body[] = {
    {.name = "name", .type = text, .description = "Your name for the gate.", .min = 0, .max = 100},
    {.name = "price_sats", .type = sats, .description = "The price of one payment, in satoshi.", .required = true},
    {.name = "match",
     .type = object,
     .description = "The requests that the gate guards: {\"method\": \"GET\" or \"*\", \"path\": \"/reports\" or \"/reports/*\"}.",
     .required = true,
     .max = 2'048},
    {.name = "mode",
     .type = one_of,
     .description = "per_request (default: one payment, one request) or pass.",
     .names = enum_names<GateMode>},
    {.name = "uses",
     .type = integer,
     .description = "Of a pass: the number of requests that one payment covers; default: unlimited until the pass expires.",
     .max = gate_uses_max},
    {.name = "ttl_seconds",
     .type = integer,
     .description = "Of a pass: how long it is valid after its invoice has expired; default: 3600.",
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
};
/// A change may give a part of them.
template <std::size_t N>
consteval std::array<Field, N> optional_fields(std::array<Field, N> fields) {
  for (auto& field : fields) field.required = false;
  return fields;
}
constexpr auto change_body = optional_fields(std::to_array(create_body));
constexpr auto match_fields = optional_fields(gate_match_object.fields());
constexpr Field method{
    .name = "method", .type = text, .description = "Of the request; default: the method of the gate.", .max = 20};
constexpr Field path{
    .name = "path", .type = text, .description = "Of the request, as received; default: the path of the gate.", .max = 8'192};
constexpr Field challenge_body[] = {
    method,
    path,
    {.name = "client", .type = text, .description = "Identifies the client: new invoices are limited per client.", .max = 255},
};
constexpr Field verify_body[] = {
    method,
    path,
    {.name = "authorization", .type = text, .description = "The client's Authorization header, as received.", .max = 16'384},
};

struct ChallengeView {
  const std::vector<std::string>& offers;
  ChargeView charge;
};
constexpr auto challenge_object =
    object_of<ChallengeView>(kind_member<"challenge">(),
                             member("www_authenticate", "The WWW-Authenticate headers to send with your 402.",
                                    [](const auto& v) { return text_list(v.offers); }),
                             member("charge", "The charge whose payment the challenge asks for.", [](const auto& v) {
                               const auto& [settings, charge, tenant] = v.charge;
                               return Described<charge_object>{charge_json(settings, charge, tenant)};
                             }));
constexpr auto challenge_fields = challenge_object.fields();

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
  };
  if (const auto text = body.object("match")) {
    const auto match = validate(match_fields, *text);
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

/// The request that the service describes.
Result<Visit> visit_in(const Call& call, const Gate& gate) {
  const auto asked_method = call.body.text("method").value_or(gate.match.method);
  const auto asked_path = call.body.text("path").value_or(gate.match.path);
  auto resource = request_match(asked_method, asked_path);
  if (!resource || asked_method == "*")
    return fail(ErrorCode::invalid_request, "This gate guards many requests. Give the method and path of this one.", "path");
  Visit visit{std::move(*resource), {}, call.body.text("client").value_or("")};
  if (const auto line = call.body.text("authorization")) visit.headers.push_back({"authorization", *line});
  return visit;
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

Done get(Call& call) { co_return gate_json(co_await get_gate(call.cx, call.tenant, co_await path_id<GateId>(call)), call.tenant); }

Done change(Call& call) {
  auto change = co_await change_in(call.body);
  co_return gate_json(co_await change_gate(call.cx, call.tenant, co_await path_id<GateId>(call), std::move(change)), call.tenant);
}

Done erase(Call& call) {
  const auto id = co_await path_id<GateId>(call);
  co_await delete_gate(call.cx, call.tenant, id);
  co_return deleted_object.text({id.text(), "gate"});
}

Done revoke(Call& call) { co_return co_await revoke_gate(call.cx, call.tenant, co_await path_id<GateId>(call), call.claim); }

Done make_challenge(Call& call) {
  const auto at = co_await own_gate(call);
  const auto visit = co_await visit_in(call, at->gate);
  const auto offered = co_await challenge(call.cx, *at, visit.resource, std::nullopt, visit.client, call.claim);
  auto json = challenge_object.text({offered.offers, {call.cx.settings, offered.charge, call.tenant}});
  co_return co_await idempotency::answered(call.cx, call.claim, std::move(json));
}

Done verify_credential(Call& call) {
  const auto at = co_await own_gate(call);
  const auto visit = co_await visit_in(call, at->gate);
  const auto verdict = co_await check_visit(call.cx, *at, visit, ClaimMode::reserve, call.claim);
  if (const auto* passed = std::get_if<Passed>(&verdict)) co_return admission_json({.admission = passed->admission});
  const auto& refused = std::get<Refused>(verdict);
  const auto& sentence = refused.why.message;
  // Nothing was claimed, so the same key may be used for the same question again.
  co_await idempotency::release(call.cx, call.claim);
  co_return admission_json(
      {.status = status_of(refused), .reason = sentence.empty() ? info(refused.why.code).sentence : std::string_view(sentence)});
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
     .summary = "Delete a gate, and revoke all that it issued",
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
     .summary = "Verify a credential, and reserve a use of its payment",
     .handler = verify_credential,
     .scopes = {Scope::gates_verify},
     .rate_class = ratelimit::RateClass::gate,
     .idempotency = IdempotencyUse::accepted,
     .body = verify_body,
     .answer = admission_fields,
     .errors = errors::missing},
};

}  // namespace
}  // namespace gates_resource

std::span<const Route> resources::gates() { return gates_resource::routes; }

}  // namespace lntpay
