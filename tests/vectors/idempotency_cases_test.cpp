// Request sequences with an Idempotency-Key: idempotency-cases.json, on authentication, claim and replay without any route.
#include <doctest/doctest.h>

#include "core/access/key_operations.hpp"
#include "core/request/idempotency.hpp"
#include "core/request/idempotency_key.hpp"
#include "tests/support/core_world.hpp"
#include "tests/vectors/vectors.hpp"

namespace lntpay::idempotency::idempotency_cases_test {
namespace {

using test::CoreWorld;

const std::string body_then = R"({"bolt11":"lnbcrt1"})";
const std::string answer_then = R"({"id":"wd_1","status":"pending"})";
const std::string refusal_then = R"({"error":{"code":"insufficient_funds"}})";

/// There are no withdrawals here whose end a purge would have to wait for.
Task<Result<bool>> no_withdrawal(Context& /*cx*/, std::string /*key*/) { co_return false; }

struct Call {
  std::string method = "POST";
  std::string path = "/v1/withdrawals";
  std::vector<Header> headers;
  std::string body = body_then;
};

struct Told {
  int status = 0;
  std::string code;
  bool executed = false;
  bool replayed = false;
  std::string body;
};

/// A server around an operation that always succeeds.
struct Server {
  CoreWorld world;
  std::optional<IdempotencyClaim> running;

  GeneratedKey add_key(const TenantScope& tenant, ScopeSet scopes = {Scope::withdrawals_write}) {
    auto generated = generate_key(world.settings, tenant, {.name = "k", .grant = {.scopes = scopes}}, world.now, world.random);
    WriteBatch batch;
    add_key_rows(batch, generated);
    REQUIRE(world.run([&](Context& cx) { return cx.store.commit(batch); }).has_value());
    return generated;
  }
  TenantScope new_tenant() { return {Environment::test, WorkspaceId::generate(Shard::number(7), world.now, world.random)}; }

  Told ask(const std::string& token, const Call& call) {
    auto claim = claim_for(token, call);
    if (!claim) return {.status = info(claim.error().code).status, .code = std::string(info(claim.error().code).name), .body = {}};
    if (auto* stored = std::get_if<StoredAnswer>(&*claim)) {
      const bool refused = stored->body == refusal_then;
      return {.status = stored->status, .code = refused ? "insufficient_funds" : "", .replayed = true, .body = stored->body};
    }
    finish(std::get<IdempotencyClaim>(*claim), answer_then, 202);
    return {.status = call.method == "GET" ? 200 : 202, .code = {}, .executed = true, .body = answer_then};
  }

  Result<std::variant<IdempotencyClaim, StoredAnswer>> claim_for(const std::string& token, const Call& call) {
    const auto key = world.run([&](Context& cx) { return authenticate(cx, token); });
    if (!key) return std::unexpected(key.error());
    if (auto allowed = require_scopes(key->record.grant.scopes, {Scope::withdrawals_write}); !allowed)
      return std::unexpected(allowed.error());
    if (call.method == "GET") return IdempotencyClaim{};
    auto name = read_key(call.headers);
    if (!name) return std::unexpected(name.error());
    if (!*name) return fail(ErrorCode::idempotency_key_required);
    const auto print = fingerprint(call.method, call.path, "", call.body);
    return world.run([&](Context& cx) {
      return claim_key(cx, key->record.tenant, {.key = **name, .fingerprint = print, .success_status = 202, .retention = days(30)});
    });
  }

  void finish(const IdempotencyClaim& claim, const std::string& body, std::uint16_t status) {
    WriteBatch batch;
    claim.write(batch, body, status);
    REQUIRE((batch.empty() || world.run([&](Context& cx) { return cx.store.commit(batch); }).has_value()));
  }

  void purge_all() {
    world.now = world.now + days(30);
    for (int runs = 0; runs < 2; ++runs) {  // the second one confirms that the time has passed
      std::string task;
      for (const auto& [key, row] : world.store.rows()) {
        if (key.contains("/due/")) task = key;
      }
      REQUIRE(world.run([&](Context& cx) { return purge(cx, task, no_withdrawal); }).has_value());
      world.now = world.now + hours(1);
    }
  }
};

std::vector<Header> headers_of(const nlohmann::json& header) {
  std::vector<Header> lines;
  if (header.is_string()) lines.push_back({"idempotency-key", header.get<std::string>()});
  if (header.is_array()) {
    for (const auto& line : header) lines.push_back({"idempotency-key", line.get<std::string>()});
  }
  return lines;
}

/// Brings the server to the state before the request, as given by `prior_row`.
void prepare(Server& server, const std::string& prior, const std::string& token, const Call& first) {
  if (prior.starts_with("none")) return;
  auto claimed = server.claim_for(token, first);
  REQUIRE(claimed.has_value());
  const auto claim = std::get<IdempotencyClaim>(*claimed);
  if (prior.starts_with("in progress")) {
    if (prior.ends_with("expired")) server.world.now = server.world.now + lease;
    return;
  }
  const bool refused = prior == "finished 422 insufficient_funds";
  server.finish(claim, refused ? refusal_then : answer_then, refused ? 422 : 202);
  if (prior == "purged") server.purge_all();
}

}  // namespace

TEST_CASE("published sequences with an Idempotency-Key get the stated responses") {
  const auto file = vectors::load("idempotency-cases.json");
  if (!file) return;
  std::size_t cases = 0;
  for (const auto& item : file->at("cases")) {
    const auto name = item.at("name").get<std::string>();
    const auto prior = item.at("prior_row").get<std::string>();
    const auto effect = item.at("effect").get<std::string>();
    CAPTURE(name);
    Server server;
    const auto tenant = server.new_tenant();
    const auto first_key = server.add_key(tenant);
    auto token = first_key.text;

    Call call{.headers = headers_of(item.at("header"))};
    auto request = item.at("request").get<std::string>();
    call.method = request.substr(0, request.find(' '));
    call.path = request.substr(request.find(' ') + 1);
    prepare(server, prior, token, {.headers = call.headers});

    if (item.at("fingerprint") == "different") call.body += name == "body differs only in white space" ? " " : "x";
    if (name == "different path, same key") call.body = body_then;
    if (name == "same key, other API key of the workspace") token = server.add_key(tenant).text;
    if (name == "same key, other workspace") token = server.add_key(server.new_tenant()).text;
    if (name == "same key, sandbox and live") token = server.add_key({Environment::live, tenant.workspace}).text;
    if (name == "revoked API key, finished row") {
      REQUIRE(server.world.run([&](Context& cx) { return revoke_key(cx, first_key.key, first_key.key.id); }).has_value());
    }
    if (name == "scope removed, finished row") token = server.add_key(tenant, {Scope::withdrawals_read}).text;

    const auto response = server.ask(token, call);
    CHECK(response.status == item.at("status").get<int>());
    CHECK(response.code == (item.at("error_code").is_null() ? "" : item.at("error_code").get<std::string>()));
    CHECK(response.executed == (effect.starts_with("executes") || effect.starts_with("resumes") || effect == "header ignored"));
    CHECK(response.replayed == effect.starts_with("replayed"));
    if (response.replayed) CHECK(response.body == (response.status == 422 ? refusal_then : answer_then));
    ++cases;
  }
  CHECK(cases == 26);
}

}  // namespace lntpay::idempotency::idempotency_cases_test
