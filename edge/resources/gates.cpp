// /v1/gates and /v1/redemptions
#include "core/base/json.hpp"
#include "core/gate/gate.hpp"
#include "edge/resources/gate_check.hpp"
#include "edge/resources/handlers.hpp"

namespace lntpay::routes {
namespace {

constexpr Field match_fields[] = {
    {.name = "method", .type = FieldType::text, .description = "GET, POST, …; * for any.", .max = 20},
    {.name = "path", .type = FieldType::text, .description = "/reports, or /reports/* for everything below.", .max = 1'024},
};

template <NamedEnum E>
std::optional<E> one_of(const Body& body, std::string_view name) {
  return body.text(name).and_then([](const std::string& text) { return from_name<E>(text); });
}

Result<GateChange> change_in(const Body& body) {
  GateChange change{
      .name = body.text("name"),
      .price = body.sats("price_sats"),
      .mode = one_of<GateMode>(body, "mode"),
      .uses = body.integer("uses"),
      .unlimited = body.is_null("uses"),
      .ttl_s = body.integer("ttl_seconds"),
      .commit = one_of<GateCommit>(body, "commit"),
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

/// A gate of the caller's own.
Task<Result<std::shared_ptr<const EnteredGate>>> own_gate(Call& call) {
  auto at = co_await enter_gate(call.cx, co_await path_id<GateId>(call));
  if (at->tenant != call.tenant) co_return fail(ErrorCode::not_found, "There is no gate with this id.");
  co_return std::move(at);
}

/// The request that a service asks about.
Result<Visit> visit_in(const Call& call, const Gate& gate) {
  const auto method = call.body.text("method").value_or(gate.match.method);
  const auto path = call.body.text("path").value_or(gate.match.path);
  auto resource = request_match(method, path);
  if (!resource || method == "*")
    return fail(ErrorCode::invalid_request, "Give the method and path of the request: this gate guards many.", "path");
  Visit visit{std::move(*resource), {}, call.body.text("client").value_or("")};
  if (const auto line = call.body.text("authorization")) visit.headers.push_back({"authorization", *line});
  return visit;
}

Task<Result<Redemption>> own_redemption(Call& call) {
  auto redemption = co_await find_redemption(call.cx, co_await path_id<RedemptionId>(call));
  if (redemption.tenant != call.tenant) co_return fail(ErrorCode::not_found, "There is no redemption with this id.");
  co_return std::move(redemption);
}

}  // namespace

Done create_gate(Call& call) {
  auto asked = co_await change_in(call.body);
  co_return co_await lntpay::create_gate(call.cx, call.tenant, std::move(asked), call.claim);
}

Done list_gates(Call& call) {
  const ListPlace place{call.tenant, call.list};
  const auto page = co_await read_page(call.cx.settings.cursor_key, place, call.query);
  const auto listed = co_await lntpay::list_gates(call.cx, call.tenant, page);
  co_return page_json(call.cx.settings.cursor_key, place, page, listed,
                      [&call](const Gate& gate) { return gate_json(gate, call.tenant); });
}

Done get_gate(Call& call) {
  co_return gate_json(co_await lntpay::get_gate(call.cx, call.tenant, co_await path_id<GateId>(call)), call.tenant);
}

Done change_gate(Call& call) {
  auto change = co_await change_in(call.body);
  co_return gate_json(co_await lntpay::change_gate(call.cx, call.tenant, co_await path_id<GateId>(call), std::move(change)),
                      call.tenant);
}

Done delete_gate(Call& call) {
  const auto id = co_await path_id<GateId>(call);
  co_await lntpay::delete_gate(call.cx, call.tenant, id);
  co_return JsonObject{}.add("id", id.text()).add("object", "gate").add("deleted", true).text();
}

Done revoke_gate(Call& call) {
  co_return co_await lntpay::revoke_gate(call.cx, call.tenant, co_await path_id<GateId>(call), call.claim);
}

Done challenge_gate(Call& call) {
  const auto at = co_await own_gate(call);
  const auto visit = co_await visit_in(call, at->gate);
  const auto offered = co_await challenge(call.cx, *at, visit.resource, std::nullopt, visit.client, call.claim);
  JsonArray offers;
  for (const auto& offer : offered.offers) offers.add(offer);
  co_return co_await idempotency::answered(call.cx, call.claim,
                                           JsonObject{}
                                               .add("object", "challenge")
                                               .raw("www_authenticate", offers.text())
                                               .raw("charge", charge_json(call.cx.settings, offered.charge, call.tenant))
                                               .text());
}

Done verify_at_gate(Call& call) {
  const auto at = co_await own_gate(call);
  const auto visit = co_await visit_in(call, at->gate);
  const auto verdict = co_await judge(call.cx, *at, visit, ClaimMode::reserve, call.claim);
  if (const auto* passed = std::get_if<Passed>(&verdict)) co_return admission_json(passed->admission);
  const auto& refused = std::get<Refused>(verdict);
  const auto& sentence = refused.why.message;
  // Nothing was claimed, so the same question may be asked again under the same key.
  co_await idempotency::release(call.cx, call.claim);
  co_return JsonObject{}
      .add("object", "admission")
      .add("allowed", false)
      .add("status", status_of(refused))
      .add("reason", sentence.empty() ? info(refused.why.code).sentence : std::string_view(sentence))
      .text();
}

Done commit_redemption(Call& call) {
  co_return co_await lntpay::commit_redemption(call.cx, co_await own_redemption(call), call.claim);
}

Done release_redemption(Call& call) {
  const auto reservation = *call.body.integer("reservation");
  co_return co_await lntpay::release_redemption(call.cx, co_await own_redemption(call), reservation, call.claim);
}

}  // namespace lntpay::routes
