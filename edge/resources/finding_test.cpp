// Finding charges and withdrawals by what an integrator knows of them, and changing what they note on a charge.
#include <doctest/doctest.h>

#include "tests/support/withdrawing.hpp"

namespace lntpay::test::finding_test {
using namespace withdrawing;
namespace {

std::string charge(World& world, const std::string& metadata) {
  const auto made = world.post("/v1/charges", R"({"amount_sats":21,"metadata":)" + metadata + "}");
  REQUIRE_MESSAGE(made.status() == 201, made.body());
  world.pass(Millis{1});  // lists are in order of time
  return made.text("id");
}

/// The ids of a list, in its order.
std::string found(World& world, const std::string& path) {
  const auto list = world.get(path);
  REQUIRE_MESSAGE(list.status() == 200, list.body());
  std::string ids;
  for (std::size_t i = 0; i < list.items("data"); ++i)
    ids.append(i > 0 ? " " : "").append(list.text("data." + std::to_string(i) + ".id"));
  return ids;
}

}  // namespace

TEST_CASE("a charge is found by its payment hash, in its own workspace only") {
  World world;
  world.bootstrap();
  const auto made = world.post("/v1/charges", R"({"amount_sats":21})");
  const auto path = "/v1/charges?payment_hash=" + made.text("payment_hash");
  CHECK(found(world, path) == made.text("id"));
  CHECK(found(world, path + "&status=pending") == made.text("id"));
  CHECK(found(world, path + "&status=paid").empty());
  CHECK(found(world, "/v1/charges?payment_hash=" + std::string(64, '0')).empty());
  CHECK(world.get("/v1/charges?payment_hash=00").error() == "400 invalid_request");
  world.bootstrap();
  CHECK(found(world, path).empty());
}

TEST_CASE("a charge is found by members of its metadata") {
  World world;
  world.bootstrap();
  const auto first = charge(world, R"({"order":"1001","cart":7,"gift":true,"items":["a"],"note":null})");
  const auto second = charge(world, R"({"order":"1001","cart":8})");
  const auto joined = charge(world, R"({"or":"der1001"})");
  CHECK(found(world, "/v1/charges?metadata[order]=1001") == second + " " + first);
  CHECK(found(world, "/v1/charges?metadata%5Border%5D=1001&order=asc") == first + " " + second);
  CHECK(found(world, "/v1/charges?metadata[order]=1001&metadata[cart]=7") == first);
  CHECK(found(world, "/v1/charges?metadata[gift]=true") == first);
  CHECK(found(world, "/v1/charges?metadata[or]=der1001") == joined);
  for (const auto* const none : {"[order]=1002", "[cart]=07", "[items]=[\"a\"]", "[note]=null", "[]=1001", "[order]="})
    CHECK(found(world, std::string("/v1/charges?metadata") + none).empty());
  for (const auto* const bad :
       {"metadata=1001", "metadata[order=1", "status[a]=paid", "other[a]=1", "metadata[order]=1&metadata[order]=2"})
    CHECK(world.get(std::string("/v1/charges?") + bad).error() == "400 invalid_request");
}

TEST_CASE("pages of a search by metadata go on where the last one ended") {
  World world;
  world.bootstrap();
  std::string all;
  for (int i = 0; i < 5; ++i) {
    const auto id = charge(world, R"({"shop":"a"})");
    charge(world, R"({"shop":"b"})");
    all = id + (all.empty() ? "" : " ") + all;
  }
  std::string seen;
  std::string cursor;
  for (int pages = 0; pages < 3; ++pages) {
    const auto page = world.get("/v1/charges?metadata[shop]=a&limit=2" + cursor);
    for (std::size_t i = 0; i < page.items("data"); ++i)
      seen.append(seen.empty() ? "" : " ").append(page.text("data." + std::to_string(i) + ".id"));
    cursor = "&cursor=" + page.text("next_cursor");
  }
  CHECK(seen == all);
}

TEST_CASE("the metadata of a charge is replaced, and it is found by the new members only") {
  World world;
  world.bootstrap();
  const auto id = charge(world, R"({"order":"1001","cart":7})");
  const auto patch = [&](const std::string& body) { return world.send("PATCH", "/v1/charges/" + id, body); };
  CHECK(patch(R"({"metadata":{"cart":7,"shipped":true}})").body().contains(R"("metadata":{"cart":7,"shipped":true})"));
  CHECK(found(world, "/v1/charges?metadata[order]=1001").empty());
  CHECK(found(world, "/v1/charges?metadata[cart]=7") == id);
  CHECK(found(world, "/v1/charges?metadata[shipped]=true") == id);
  CHECK(patch("{}").body().contains(R"("shipped":true)"));
  world.post("/v1/sandbox/charges/" + id + "/pay");
  CHECK(patch(R"({"metadata":null})").text("status") == "paid");
  CHECK(found(world, "/v1/charges?metadata[shipped]=true").empty());
  CHECK(patch(R"({"amount_sats":1})").error() == "400 invalid_request");
  CHECK(world.send("PATCH", "/v1/charges/ch_Ab0123456789ABCDEFGHJKMNPQRS", "{}").error() == "404 not_found");
}

TEST_CASE("two changes of a charge's metadata at once leave one of them, with its index") {
  World world;
  world.bootstrap();
  const auto id = charge(world, R"({"n":0})");
  world.store.before_commit = [&] { world.send("PATCH", "/v1/charges/" + id, R"({"metadata":{"n":1}})"); };
  CHECK(world.send("PATCH", "/v1/charges/" + id, R"({"metadata":{"n":2}})").status() == 200);
  CHECK(found(world, "/v1/charges?metadata[n]=0").empty());
  CHECK(found(world, "/v1/charges?metadata[n]=1").empty());
  CHECK(found(world, "/v1/charges?metadata[n]=2") == id);
}

TEST_CASE("a withdrawal is found by its payment hash and by its metadata") {
  World world;
  world.bootstrap();
  fund(world, 20'000);
  const auto made = withdraw(world, invoice(world, "succeed"), R"("metadata":{"payout":"7"})");
  REQUIRE_MESSAGE(made.status() == 202, made.body());
  CHECK(found(world, "/v1/withdrawals?payment_hash=" + made.text("payment_hash")) == made.text("id"));
  CHECK(found(world, "/v1/withdrawals?metadata[payout]=7") == made.text("id"));
  world.run_due();
  CHECK(found(world, "/v1/withdrawals?metadata[payout]=7&status=succeeded") == made.text("id"));
  CHECK(found(world, "/v1/withdrawals?metadata[payout]=8").empty());
  const auto path = "/v1/withdrawals?payment_hash=" + made.text("payment_hash");
  world.bootstrap();
  CHECK(found(world, path).empty());
}

}  // namespace lntpay::test::finding_test
