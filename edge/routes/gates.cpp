// /v1/gates
#include "core/gate/gate.hpp"

#include "core/base/json.hpp"
#include "edge/routes/handlers.hpp"

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

}  // namespace

Done create_gate(Call& call) {
  auto asked = co_await change_in(call.body);
  co_return co_await lntpay::create_gate(call.cx, call.realm, std::move(asked), call.receipt);
}

Done list_gates(Call& call) {
  const ListPlace place{call.realm, call.list};
  const auto page = co_await read_page(call.cx.settings.cursor_key, place, call.query);
  const auto listed = co_await lntpay::list_gates(call.cx, call.realm, page);
  co_return page_json(call.cx.settings.cursor_key, place, page, listed,
                      [&call](const Gate& gate) { return gate_json(gate, call.realm); });
}

Done get_gate(Call& call) {
  co_return gate_json(co_await lntpay::get_gate(call.cx, call.realm, co_await path_id<GateId>(call)), call.realm);
}

Done change_gate(Call& call) {
  auto change = co_await change_in(call.body);
  co_return gate_json(co_await lntpay::change_gate(call.cx, call.realm, co_await path_id<GateId>(call), std::move(change)),
                      call.realm);
}

Done delete_gate(Call& call) {
  const auto id = co_await path_id<GateId>(call);
  co_await lntpay::delete_gate(call.cx, call.realm, id);
  co_return JsonObject{}.add("id", id.text()).add("object", "gate").add("deleted", true).text();
}

Done revoke_gate(Call& call) {
  co_return co_await lntpay::revoke_gate(call.cx, call.realm, co_await path_id<GateId>(call), call.receipt);
}

}  // namespace lntpay::routes
