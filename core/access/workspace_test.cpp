// Creating workspaces.
#include "core/access/workspace.hpp"

#include <doctest/doctest.h>

#include <string>

#include "core/access/api_key.hpp"
#include "tests/support/core_world.hpp"

namespace lntpay::workspace_test {
namespace {

using test::CoreWorld;

Result<std::string> create(CoreWorld& world) {
  return world.run([](Context& cx) { return create_workspace(cx, "Corner shop"); });
}

std::string member(const std::string& json, const std::string& name) {
  const auto at = json.find("\"" + name + "\":\"") + name.size() + 4;
  return json.substr(at, json.find('"', at) - at);
}

}  // namespace

TEST_CASE("a new workspace has a test key and a live key with every scope") {
  CoreWorld world;
  const auto answer = create(world);
  REQUIRE(answer.has_value());
  const auto id = WorkspaceId::parse(member(*answer, "id"));
  REQUIRE(id.has_value());
  CHECK(
      *answer ==
      R"({"id":")" + id->text() +
          R"(","object":"workspace","name":"Corner shop","created_at":"2026-02-03T04:05:06.000Z","display_name":null,"logo_url":null,)" +
          R"("default_expires_in":600,"default_success_url":null,"default_cancel_url":null,"api_keys":{"test":")" +
          member(*answer, "test") + R"(","live":")" + member(*answer, "live") + R"("}})");
  for (const auto environment : {Environment::test, Environment::live}) {
    const auto text = member(*answer, std::string(name_of(environment)));
    const auto key = world.run([&](Context& cx) { return authenticate(cx, text); });
    REQUIRE(key.has_value());
    CHECK(key->record.tenant == TenantScope{environment, *id});
    CHECK(key->record.grant.scopes == ScopeSet::all());
    CHECK_FALSE(world.store.mentions(text));
  }
  CHECK(world.run([&](Context& cx) { return get_workspace(cx, *id); })->name == "Corner shop");
}

TEST_CASE("a workspace's shard is never 00, and is listed before it has rows") {
  CoreWorld world;
  world.store.fault_at(2, test::CommitFault::failed);
  CHECK(create(world).error().code == ErrorCode::storage_unavailable);
  CHECK(world.store.rows().size() == 2);  // with the operator's list
  CHECK(world.store.count("00/shard/") == 1);
  for (int i = 0; i < 100; ++i) {
    const auto id = WorkspaceId::parse(member(*create(world), "id"));
    CHECK(id->shard() != Shard{});
    CHECK(world.store.rows().contains("00/shard/" + std::string(id->shard().text())));
  }
}

TEST_CASE("commits with unknown outcomes create one workspace") {
  for (const auto outcome : {test::CommitFault::unknown_written, test::CommitFault::unknown_not_written}) {
    CoreWorld world;
    world.store.faults.assign(3, outcome);
    REQUIRE(create(world).has_value());
    CHECK(world.store.count("/workspace/") == 1);
    CHECK(world.store.count("/key/") == 2);
  }
}

TEST_CASE("a workspace that an earlier version wrote is read, and gets a profile") {
  CoreWorld world;
  const auto id = WorkspaceId::parse(member(*create(world), "id"));
  REQUIRE(id.has_value());
  const auto row = to_row(*world.run([&](Context& cx) { return get_workspace(cx, *id); }));
  REQUIRE(row.ends_with("|||600||"));
  world.store.put(workspace_key(*id), "2" + row.substr(1, row.size() - 7));
  CHECK(world.run([&](Context& cx) { return get_workspace(cx, *id); })->expires_in_s == 600);
  world.store.put(workspace_key(*id), "1" + row.substr(1, row.size() - 9));
  CHECK(world.run([&](Context& cx) { return get_workspace(cx, *id); })->display_name.empty());
  const auto change = [&](WorkspaceChange changed) {
    world.now = world.now + seconds(1);
    return world.run([&](Context& cx) { return change_workspace(cx, {Environment::test, *id}, changed); });
  };
  CHECK(change({.display_name = "Corner Shop", .logo_url = {}})->display_name == "Corner Shop");
  CHECK(change({.display_name = {}, .logo_url = "https://shop.example/logo.png"})->display_name == "Corner Shop");
  const auto read = world.run([&](Context& cx) { return get_workspace(cx, *id); });
  CHECK(read->logo_url == "https://shop.example/logo.png");
  CHECK(read->name == "Corner shop");
  CHECK(world.store.count("/audit/") == 3);  // with its creation, in the operator's shard
  CHECK(change({.display_name = "", .logo_url = ""})->display_name.empty());
}

TEST_CASE("an unknown workspace is not found") {
  CoreWorld world;
  const auto id = WorkspaceId::generate(Shard::number(5), world.now, world.random);
  CHECK(world.run([&](Context& cx) { return get_workspace(cx, id); }).error().code == ErrorCode::not_found);
}

}  // namespace lntpay::workspace_test
