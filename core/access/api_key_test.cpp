// API keys: text, authentication, granting, rolling, and JSON.
#include "core/access/api_key.hpp"

#include <doctest/doctest.h>

#include <string>

#include "core/access/key_operations.hpp"
#include "core/access/key_text.hpp"
#include "core/event/event.hpp"
#include "core/request/idempotency.hpp"
#include "tests/support/core_world.hpp"

namespace lntpay::api_key_test {
namespace {

using test::CoreWorld;

/// A workspace with a key that has every scope.
struct Fixture {
  CoreWorld world;
  TenantScope tenant;
  ApiKey creator;
  std::string text;

  Fixture() {
    tenant = {Environment::test, WorkspaceId::generate(Shard::number(77), world.now, world.random)};
    const auto generated =
        generate_key(world.settings, tenant, {.name = "first", .grant = {.scopes = ScopeSet::all()}}, world.now, world.random);
    WriteBatch batch;
    add_key_rows(batch, generated);
    REQUIRE(world.run([&](Context& cx) { return cx.store.commit(batch); }).has_value());
    creator = generated.key;
    text = generated.text;
  }

  Result<std::string> create(NewKey asked) { return create(creator, std::move(asked)); }
  Result<std::string> create(const ApiKey& by, NewKey asked) {
    return world.run([&](Context& cx) { return create_key(cx, {}, KeyMaker(by), asked); });
  }
  Result<ApiKey> authenticate_key(const std::string& token) {
    const auto key = world.run([&](Context& cx) { return authenticate(cx, token); });
    if (!key) return std::unexpected(key.error());
    return key->record;
  }
  Result<ApiKey> revoke(const KeyId& id) {
    const auto revoked = world.run([&](Context& cx) { return revoke_key(cx, creator, id); });
    if (!revoked) return std::unexpected(revoked.error());
    return revoked->key;
  }
  Result<Listed<ApiKey>> list(Page page) {
    return world.run([&](Context& cx) { return list_keys(cx, tenant, page); });
  }
};

/// The key's text in an answer, where it is the last member.
std::string text_in(const std::string& answer) {
  const auto at = answer.find("\"key\":\"") + 7;
  return answer.substr(at, answer.find('"', at) - at);
}

NewKey reader() { return {.name = "reader", .grant = {.scopes = {Scope::charges_read}}}; }

}  // namespace

TEST_CASE("a generated key parses to its environment, shard and last four characters") {
  Random random({9, 9, 9, 9});
  for (const unsigned shard : {0U, 1U, 61U, 62U, 3843U}) {
    for (const auto environment : {Environment::test, Environment::live}) {
      const auto text = generate_key_text(environment, Shard::number(shard), random);
      const auto parsed = parse_key_text(text);
      REQUIRE(parsed.has_value());
      CHECK(parsed->environment == environment);
      CHECK(parsed->shard == Shard::number(shard));
      CHECK(text.ends_with(parsed->last4));
    }
  }
}

TEST_CASE("a key with any one character changed, added or missing does not parse") {
  const std::string good = "lnt_test_pBG28nJouM5VResTPVLN06EcPFcMoPwu3MCm2Q";
  REQUIRE(parse_key_text(good).has_value());
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto changed = good;
    changed[i] = changed[i] == 'x' ? 'y' : 'x';
    CHECK_FALSE(parse_key_text(changed).has_value());
    CHECK_FALSE(parse_key_text(good.substr(0, i)).has_value());
  }
  for (const auto& text :
       {good + "A", " " + good, good + "\n", std::string("lnt_live_") + good.substr(9), std::string("sk_test_") + good.substr(9),
        std::string("lnt_test_pBG28nJouM5-ResTPVLN06EcPFcMoPwu3MCm2Q"), std::string(5'000, 'a')}) {
    CHECK_FALSE(parse_key_text(text).has_value());
  }
  CHECK(parse_key_text("lnt_test_0000000000000000000000000000011500tQ5u").has_value());
}

TEST_CASE("a key authenticates with its workspace, environment and scopes") {
  Fixture fixture;
  const auto key = fixture.authenticate_key(fixture.text);
  REQUIRE(key.has_value());
  CHECK(key->tenant == fixture.tenant);
  CHECK(key->grant.scopes == ScopeSet::all());
}

TEST_CASE("malformed, unknown, revoked and expired keys get one error for the same work") {
  Fixture fixture;
  Random random({5, 5, 5, 5});
  const auto revoked = text_in(*fixture.create(reader()));
  REQUIRE(fixture.revoke(fixture.authenticate_key(revoked)->id).has_value());
  const auto expired = text_in(
      *fixture.create({.name = "short", .grant = {.scopes = {Scope::charges_read}, .expires_at = fixture.world.now + seconds(1)}}));
  CHECK(fixture.authenticate_key(expired).has_value());
  fixture.world.now = fixture.world.now + seconds(1);
  for (const auto& token : {std::string(), std::string("x"), std::string(10'000, 'x'), fixture.text + "x",
                            generate_key_text(Environment::test, fixture.tenant.shard(), random), revoked, expired}) {
    const auto gets = fixture.world.store.gets();
    const auto refused = fixture.authenticate_key(token);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == ErrorCode::unauthenticated);
    CHECK(refused.error().message.empty());
    CHECK(refused.error().details.empty());
    CHECK(fixture.world.store.gets() - gets == 1);
  }
}

TEST_CASE("after a pepper rotation old keys still authenticate, with one read") {
  Fixture fixture;
  fixture.world.settings.peppers.insert(fixture.world.settings.peppers.begin(), Pepper{"p2", Secret::copy_of("pepper two")});
  const auto gets = fixture.world.store.gets();
  CHECK(fixture.authenticate_key(fixture.text).has_value());
  CHECK(fixture.world.store.gets() - gets == 1);
  const auto made = text_in(*fixture.create(reader()));
  CHECK(fixture.world.store.count("/key/p2.") == 1);
  CHECK(fixture.authenticate_key(made).has_value());
  fixture.world.settings.peppers.pop_back();
  CHECK(fixture.authenticate_key(made).has_value());
  CHECK_FALSE(fixture.authenticate_key(fixture.text).has_value());
}

TEST_CASE("a store that is down is not mistaken for an unknown key") {
  Fixture fixture;
  fixture.world.store.down = true;
  CHECK(fixture.authenticate_key(fixture.text).error().code == ErrorCode::storage_unavailable);
}

TEST_CASE("a new key is shown once, stored as an HMAC, and its event has no text") {
  Fixture fixture;
  const auto answer = fixture.create(
      {.name = "shop \"1\"",
       .grant = {.scopes = {Scope::webhooks_read, Scope::charges_write}, .expires_at = UnixMillis{1'800'000'000'000}}});
  REQUIRE(answer.has_value());
  const auto text = text_in(*answer);
  const auto key = fixture.authenticate_key(text);
  REQUIRE(key.has_value());
  CHECK(key->grant.scopes == ScopeSet{Scope::charges_write, Scope::webhooks_read});
  CHECK(*answer == R"({"id":")" + key->id.text() +
                       R"(","object":"api_key","name":"shop \"1\"","environment":"test","prefix":"lnt_test_","last4":")" +
                       text.substr(text.size() - 4) +
                       R"(","scopes":["charges:write","webhooks:read"],"created_at":"2026-02-03T04:05:06.000Z",)" +
                       R"("expires_at":"2027-01-15T08:00:00.000Z","revoked_at":null,)" +
                       R"("max_withdraw_sats":null,"daily_withdraw_sats":null,"allowed_cidrs":[],"rate":null,"parent":")" +
                       fixture.creator.id.text() + R"(","last_used_at":null,"api_version":"2026-11-01","key":")" + text + R"("})");
  CHECK_FALSE(fixture.world.store.mentions(text));
  const auto event = from_row<Event>(fixture.world.store.rows().at(event_key(fixture.tenant, 1)).value);
  CHECK(event->type == EventType::api_key_created);
  CHECK(event->data == key_json(*key));
}

TEST_CASE("a key grants only scopes that it has") {
  Fixture fixture;
  auto creator = fixture.creator;
  creator.grant.scopes = {Scope::keys_write, Scope::charges_read};
  const auto refused = fixture.create(creator, {.name = "more", .grant = {.scopes = {Scope::charges_read, Scope::charges_write}}});
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::insufficient_scopes);
  CHECK(refused.error().details == R"({"required":["charges:read","charges:write"],"missing":["charges:write"]})");
  CHECK(fixture.create(creator, reader()).has_value());
  CHECK(fixture.create({.name = "none", .grant = {}}).error().param == "scopes");
  const NewKey late{.name = "late", .grant = {.scopes = {Scope::charges_read}, .expires_at = fixture.world.now}};
  CHECK(fixture.create(late).error().param == "expires_at");
}

TEST_CASE("a commit with an unknown outcome creates one key") {
  for (const auto outcome : {test::CommitFault::unknown_written, test::CommitFault::unknown_not_written}) {
    Fixture fixture;
    fixture.world.store.fault_at(1, outcome);
    const auto answer = fixture.create(reader());
    REQUIRE(answer.has_value());
    CHECK(fixture.authenticate_key(text_in(*answer)).has_value());
    CHECK(fixture.world.store.count("/apikey/") == 2);
    CHECK(fixture.world.store.count("/event/") == 1);
  }
}

TEST_CASE("repeating a creation with an Idempotency-Key returns the same text") {
  Fixture fixture;
  const auto claim_key = [&] {
    return fixture.world.run([&](Context& cx) {
      return idempotency::claim_key(cx, fixture.tenant, {.key = "k", .fingerprint = Bytes32{1}, .success_status = 201});
    });
  };
  const auto claim = claim_key();
  REQUIRE(std::holds_alternative<IdempotencyClaim>(*claim));
  const auto answer = fixture.world.run(
      [&](Context& cx) { return create_key(cx, std::get<IdempotencyClaim>(*claim), KeyMaker(fixture.creator), reader()); });
  REQUIRE(answer.has_value());
  const auto again = claim_key();
  REQUIRE(std::holds_alternative<idempotency::StoredAnswer>(*again));
  CHECK(std::get<idempotency::StoredAnswer>(*again).body == *answer);
  CHECK(std::get<idempotency::StoredAnswer>(*again).status == 201);
  CHECK_FALSE(fixture.world.store.mentions(text_in(*answer)));
}

TEST_CASE("a revoked key never authenticates again; revoking is idempotent") {
  Fixture fixture;
  const auto text = text_in(*fixture.create(reader()));
  const auto id = fixture.authenticate_key(text)->id;
  const auto revoked = fixture.revoke(id);
  REQUIRE(revoked.has_value());
  CHECK(revoked->revoked_at == fixture.world.now);
  CHECK_FALSE(fixture.authenticate_key(text).has_value());
  const auto commits = fixture.world.store.commits();
  fixture.world.now = fixture.world.now + days(1);
  CHECK(fixture.revoke(id)->revoked_at == revoked->revoked_at);
  CHECK(fixture.world.store.commits() == commits);
  CHECK(from_row<Event>(fixture.world.store.rows().at(event_key(fixture.tenant, 2)).value)->type == EventType::api_key_revoked);
}

TEST_CASE("another workspace's key is not found, like a random id") {
  Fixture fixture;
  const auto random_id = KeyId::generate(fixture.tenant.shard(), fixture.world.now, fixture.world.random);
  CHECK(fixture.revoke(random_id).error().code == ErrorCode::not_found);
  auto other = fixture.creator;
  other.tenant.environment = Environment::live;
  const auto crossed = fixture.world.run([&](Context& cx) { return revoke_key(cx, other, fixture.creator.id); });
  CHECK(crossed.error().code == ErrorCode::not_found);
}

TEST_CASE("keys are listed in pages, newest first, without repeats") {
  Fixture fixture;
  for (int i = 0; i < 6; ++i) {
    fixture.world.now = fixture.world.now + seconds(1);
    REQUIRE(fixture.create({.name = std::to_string(i), .grant = {.scopes = {Scope::charges_read}}}).has_value());
  }
  std::string names;
  Page page{.limit = 3};
  for (int pages = 0; pages < 3; ++pages) {
    const auto listed = fixture.list(page);
    for (const auto& key : listed->items) names += key.name + " ";
    CHECK(listed->has_more == (pages < 2));
    page.after_key = listed->last_key;
  }
  CHECK(names == "5 4 3 2 1 0 first ");
  CHECK(fixture.list({.limit = 1, .reverse = false})->items.front().name == "first");
}

TEST_CASE("scopes round-trip through their names") {
  const ScopeSet set{Scope::withdrawals_preimage, Scope::charges_read};
  CHECK(set.text() == "charges:read withdrawals:preimage");
  CHECK(ScopeSet::parse(set.text()) == set);
  CHECK(ScopeSet::parse("") == ScopeSet{});
  CHECK_FALSE(ScopeSet::parse("charges:read root").has_value());
  CHECK_FALSE(ScopeSet::parse("charges:read,charges:write").has_value());
  CHECK(ScopeSet::all().json().starts_with(R"(["charges:read","charges:write",)"));
}

}  // namespace lntpay::api_key_test
