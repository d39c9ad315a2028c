// Who may do what, in both directions, generated from the route table: a new route is tested without an edit. OWASP API Security
// Top 10, API1 (objects of others), API2 (authentication) and API5 (functions of others).
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <ranges>

#include "core/access/key_text.hpp"
#include "core/base/ascii.hpp"
#include "edge/routing/route.hpp"
#include "tests/support/field_values.hpp"
#include "tests/support/world.hpp"

namespace lntpay::test::access_matrix_test {
namespace {

/// The values of path parameters, by name.
using Ids = std::map<std::string, std::string, std::less<>>;

std::string with_ids(std::string_view pattern, const Ids& ids) {
  std::string target;
  while (!pattern.empty()) {
    const auto part = row::cut(pattern, '/');
    const auto name = part.starts_with('{') ? part.substr(1, part.size() - 2) : std::string_view();
    const auto id = ids.find(name);
    if (!part.empty()) target.append("/").append(name.empty() || id == ids.end() ? part : std::string_view(id->second));
  }
  return target;
}

/// Path parameters that are no id of a workspace's object.
bool is_public(std::string_view name) { return name == "type" || name == "token" || name == "name"; }

Reading make_key(World& world, const std::string& scopes, const std::string& more = "") {
  auto made = world.post("/v1/api_keys", R"({"scopes":[)" + scopes + "]" + more + "}");
  REQUIRE_MESSAGE(made.status() == 201, made.body());
  return made;
}
std::string some_key(World& world, const std::string& scopes, const std::string& more = "") {
  return make_key(world, scopes, more).text("key");
}

/// The response as another caller sees it: without what differs between any two responses.
std::string comparable(const Reading& answer) {
  auto text = std::to_string(answer.status()) + " " + answer.body();
  const auto id = answer.header("request-id");
  for (auto at = text.find(id); !id.empty() && at != text.npos; at = text.find(id)) text.replace(at, id.size(), "…");
  for (const auto& header : answer.response.headers) {
    if (header.name != "request-id" && header.name != "ratelimit") text += "\n" + header.name + ": " + header.value;
  }
  return text;
}

/// An object of every kind, in the world's workspace.
Ids objects_of(World& world) {
  Ids ids;
  const auto must = [](Reading answer) {
    REQUIRE_MESSAGE(answer.status() < 300, answer.body());
    return answer;
  };
  const auto endpoint = must(world.post("/v1/webhook_endpoints", R"({"url":"http://127.0.0.1:9/hook"})"));
  must(world.post("/v1/sandbox/fund", R"({"amount_sats":10000})"));
  const auto charge = must(world.post("/v1/charges", R"({"amount_sats":21})"));
  const auto invoice = must(world.post("/v1/sandbox/invoices", R"({"amount_sats":100,"behavior":"stuck"})"));
  const auto withdrawal =
      must(world.post("/v1/withdrawals", R"({"bolt11":")" + invoice.text("bolt11") + R"("})", {{"idempotency-key", "w"}}));
  const auto gate = must(world.post("/v1/gates", R"({"price_sats":1,"match":{"method":"GET","path":"/*"}})"));
  const auto challenge = must(world.post("/v1/gates/" + gate.text("id") + "/challenge", R"({"path":"/x"})"));
  const auto paid = must(world.post("/v1/sandbox/wallet/pay", R"({"bolt11":")" + challenge.text("bolt11") + R"("})"));
  auto token = challenge.text("www_authenticate.0");
  token = token.substr(token.rfind("token=\"") + 7);
  token.pop_back();
  const auto use = must(world.post("/v1/gates/" + gate.text("id") + "/verify",
                                   R"({"path":"/x","authorization":"L402 )" + token + ":" + paid.text("preimage") + R"("})"));
  const auto key = must(world.post("/v1/api_keys", R"({"scopes":["charges:read"]})"));
  world.run_due();
  ids["charge"] = charge.text("id");
  ids["withdrawal"] = withdrawal.text("id");
  ids["event"] = must(world.get("/v1/events")).text("data.0.id");
  ids["endpoint"] = endpoint.text("id");
  ids["secret"] = endpoint.text("secrets.0.id");
  ids["delivery"] = must(world.get("/v1/webhook_deliveries")).text("data.0.id");
  ids["gate"] = gate.text("id");
  ids["redemption"] = use.text("redemption_id");
  ids["pay_link"] = must(world.post("/v1/pay_links", R"({"name":")" + ascii_lower(key.text("id")) + R"("})")).text("id");
  ids["key"] = key.text("id");
  ids["request"] = key.header("request-id");
  ids["workspace"] = must(world.get("/v1/workspace")).text("id");
  for (const auto& [name, id] : ids) CHECK_MESSAGE(!id.empty(), name);
  return ids;
}

/// The same ids with another last character.
Ids unknown_ids(Ids ids) {
  for (auto& [name, id] : ids) id.back() = id.back() == '0' ? '1' : '0';
  return ids;
}

template <class Check>
void for_each_keyed_route(Check check) {
  std::size_t checked = 0;
  for (const auto& route : route_table() | std::views::join) {
    if (route.access != Access::key) continue;
    CAPTURE(route.method);
    CAPTURE(route.pattern);
    check(route);
    ++checked;
  }
  CHECK(checked > 50);
}

Reading send(World& world, const Route& route, const Ids& ids) {
  auto target = with_ids(route.pattern, ids);
  std::string_view joint = "?";
  for (const auto& field : route.query) {
    if (!field.required) continue;
    target.append(std::exchange(joint, "&")).append(field.name).append("=").append(values_at_limits(field).front().text);
  }
  const auto body = route.method == "GET" || route.body.empty() ? "" : body_of(route.body);
  return world.send(std::string(route.method), target, body, {{"idempotency-key", "k"}});
}

}  // namespace

TEST_CASE("every route refuses a key that lacks one of its scopes, and takes one that has only them") {
  World world;
  world.bootstrap();
  std::map<Scope, std::string> without;
  for (std::size_t i = 0; i < enum_names<Scope>.size(); ++i) {
    std::string json;
    for (std::size_t j = 0; j < enum_names<Scope>.size(); ++j) {
      if (i != j) json.append(json.empty() ? "\"" : ",\"").append(enum_names<Scope>[j]).append("\"");
    }
    without[static_cast<Scope>(i)] = some_key(world, json);
  }
  const auto everything = world.test_key;
  for_each_keyed_route([&](const Route& route) {
    std::string only;
    for (const auto& [scope, key] : without) {
      world.now = world.now + seconds(1);
      world.test_key = key;
      // Refused for its body where it is not refused for its scopes, so that nothing changes.
      const auto answer = world.send(std::string(route.method), with_ids(route.pattern, {}), R"({"no_such_field":1})");
      if (route.scopes.has(scope)) {
        CHECK(answer.error() == "403 insufficient_scopes");
        CHECK(answer.text("error.details.missing.0") == name_of(scope));
        only.append(only.empty() ? "\"" : ",\"").append(name_of(scope)).append("\"");
      } else {
        CHECK(answer.text("error.param") == "no_such_field");
      }
    }
    if (only.empty()) return;
    world.test_key = everything;
    world.test_key = some_key(world, only);
    const auto answer = world.send(std::string(route.method), with_ids(route.pattern, {}), R"({"no_such_field":1})");
    CHECK(answer.text("error.param") == "no_such_field");
  });
}

TEST_CASE("an id of another workspace or environment is answered with the bytes for one that does not exist") {
  World world;
  world.bootstrap();
  const auto theirs = objects_of(world);
  const auto their_live_key = world.live_key;
  world.bootstrap();
  const auto own = objects_of(world);
  const auto own_key = world.test_key;
  const auto before = world.store.durable();
  std::size_t checked = 0;
  for_each_keyed_route([&](const Route& route) {
    if (!route.pattern.contains('{')) return;
    for (std::string_view rest = route.pattern; rest.contains('{');) {
      rest.remove_prefix(rest.find('{') + 1);
      const std::string name(rest.substr(0, rest.find('}')));
      if (is_public(name)) continue;
      CAPTURE(name);
      // A route with a new kind of id: objects_of makes one.
      REQUIRE(theirs.contains(name));
      world.now = world.now + seconds(1);
      const auto with = [&](const Ids& ids) {
        auto mixed = own;
        mixed[name] = ids.at(name);
        return send(world, route, mixed);
      };
      world.test_key = own_key;
      const auto foreign = with(theirs);
      CHECK(foreign.error() == "404 not_found");
      CHECK(comparable(foreign) == comparable(with(unknown_ids(theirs))));
      world.test_key = their_live_key;
      const auto of_the_other_environment = with(theirs);
      CHECK(of_the_other_environment.error() == (route.sandbox_only ? "403 environment_mismatch" : "404 not_found"));
      CHECK(comparable(of_the_other_environment) == comparable(with(unknown_ids(theirs))));
      ++checked;
    }
  });
  CHECK(checked > 30);
  CHECK(world.store.durable() == before);
}

TEST_CASE("a key that does not work gets the same bytes on every route, whatever it is") {
  World world;
  world.bootstrap();
  const auto everything = world.test_key;
  Random random({1, 2, 3, 4});
  std::vector<std::string> keys{"", "no key", everything.substr(0, everything.size() - 1), everything + "x", world.operator_token};
  keys.push_back(generate_key_text(Environment::test, Shard::number(7), random));
  keys.push_back(some_key(world, R"("charges:read")", R"(,"expires_at":"2027-01-15T08:00:01Z")"));
  const auto revoked = make_key(world, R"("charges:read")");
  const auto rolled = make_key(world, R"("charges:read")");
  const auto parent = make_key(world, R"("keys:write","charges:read")");
  world.test_key = parent.text("key");
  const auto child = make_key(world, R"("charges:read")");
  world.test_key = everything;
  world.send("DELETE", "/v1/api_keys/" + revoked.text("id"));
  world.send("DELETE", "/v1/api_keys/" + parent.text("id"));
  world.post("/v1/api_keys/" + rolled.text("id") + "/roll");
  for (const auto& key : {revoked, rolled, parent, child}) keys.push_back(key.text("key"));
  world.pass(minutes(2));
  const auto before = world.store.durable();
  for_each_keyed_route([&](const Route& route) {
    world.now = world.now + seconds(10);
    std::string first;
    for (const auto& key : keys) {
      CAPTURE(key);
      world.test_key = key;
      const auto refused = world.send(std::string(route.method), with_ids(route.pattern, {}), R"({"no_such_field":1})");
      CHECK(refused.error() == "401 unauthenticated");
      if (first.empty()) first = comparable(refused);
      CHECK(comparable(refused) == first);
    }
    world.test_key = world.live_key;
    const auto live = world.send(std::string(route.method), with_ids(route.pattern, {}), R"({"no_such_field":1})");
    CHECK(live.error() == (route.sandbox_only ? "403 environment_mismatch" : "400 invalid_request"));
  });
  CHECK(world.store.durable() == before);
}

TEST_CASE("the operator's routes take no API key") {
  World world;
  world.bootstrap();
  for (const auto& route : route_table() | std::views::join) {
    if (route.access != Access::operator_token) continue;
    CAPTURE(route.pattern);
    world.now = world.now + seconds(2);
    CHECK(world.send(std::string(route.method), with_ids(route.pattern, {}), "{}").error() == "401 unauthenticated");
  }
}

}  // namespace lntpay::test::access_matrix_test
