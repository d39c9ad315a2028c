// What a charge takes from the workspace, and a description of which the invoice has only the hash.
#include <doctest/doctest.h>

#include "core/base/encoding.hpp"
#include "core/crypto/sha256.hpp"
#include "tests/support/world.hpp"

namespace lntpay::test::charge_defaults_test {

TEST_CASE("an unhashed description is hashed for the invoice, and the charge returns both") {
  World world;
  world.bootstrap();
  const auto text = std::string(1'000, 'x') + " \\\"tea\\\"";
  const auto hash = hex(sha256(bytes_of(std::string(1'000, 'x') + " \"tea\"")));
  const auto made = world.post("/v1/charges", R"({"amount_sats":21,"unhashed_description":")" + text + "\"}");
  REQUIRE_MESSAGE(made.status() == 201, made.body());
  CHECK(made.body().contains(R"("description":null,"description_hash":")" + hash + R"(","unhashed_description":")" + text + '"'));
  CHECK(world.get("/v1/charges/" + made.text("id")).body() == made.body());
  const auto invoice = world.post("/v1/bolt11/decode", R"({"bolt11":")" + made.text("bolt11") + "\"}");
  CHECK(invoice.text("description_hash") == hash);
  CHECK(invoice.text("description").empty());
  CHECK(world.post("/v1/sandbox/charges/" + made.text("id") + "/pay").status() == 200);
  CHECK(world.get("/v1/charges/" + made.text("id")).text("status") == "paid");
}

TEST_CASE("a charge has one of description, description_hash and unhashed_description") {
  World world;
  world.bootstrap();
  const std::string description = R"("description":"a")";
  const std::string hash = R"("description_hash":")" + std::string(64, 'a') + '"';
  const std::string unhashed = R"("unhashed_description":"a")";
  const auto param = [&](const std::string& members) {
    return world.post("/v1/charges", R"({"amount_sats":21,)" + members + "}").text("error.param");
  };
  CHECK(param(description + "," + hash) == "description_hash");
  CHECK(param(description + "," + unhashed) == "unhashed_description");
  CHECK(param(hash + "," + unhashed) == "description_hash");
  const auto only_hash = world.post("/v1/charges", R"({"amount_sats":21,)" + hash + "}");
  CHECK(only_hash.body().contains(R"("description_hash":")" + std::string(64, 'a') + R"(","unhashed_description":null)"));
  const auto only_text = world.post("/v1/charges", R"({"amount_sats":21,)" + description + "}");
  CHECK(only_text.body().contains(R"("description":"a","description_hash":null,"unhashed_description":null)"));
}

TEST_CASE("a charge takes the workspace's defaults, and its request overrides them") {
  World world;
  world.bootstrap();
  const auto changed = world.send("PATCH", "/v1/workspace",
                                  R"({"default_expires_in":60,"default_success_url":"https://tea.example/thanks",)"
                                  R"("default_cancel_url":"https://tea.example/cart"})");
  REQUIRE_MESSAGE(changed.status() == 200, changed.body());
  CHECK(world.get("/v1/workspace").body() == changed.body());
  CHECK(changed.number("default_expires_in") == 60);
  const auto charge = world.post("/v1/charges", R"({"amount_sats":21})");
  CHECK(charge.text("expires_at") == "2027-01-15T08:01:00.000Z");
  CHECK(charge.text("success_url") == "https://tea.example/thanks");
  CHECK(charge.text("cancel_url") == "https://tea.example/cart");
  const auto own =
      world.post("/v1/charges", R"({"amount_sats":21,"expires_in":30,"success_url":"https://tea.example/own","cancel_url":null})");
  CHECK(own.text("expires_at") == "2027-01-15T08:00:30.000Z");
  CHECK(own.text("success_url") == "https://tea.example/own");
  CHECK(own.text("cancel_url").empty());
}

TEST_CASE("a default is unset by null, unchanged where it is absent, and refused if charges could not have it") {
  World world;
  world.bootstrap();
  const auto change = [&](const std::string& body) { return world.send("PATCH", "/v1/workspace", body); };
  REQUIRE(change(R"({"default_expires_in":60,"default_success_url":"https://tea.example/thanks"})").status() == 200);
  CHECK(change(R"({"display_name":"Tea"})").text("default_success_url") == "https://tea.example/thanks");
  const auto unset = change(R"({"default_expires_in":null,"default_success_url":null})");
  CHECK(unset.number("default_expires_in") == 600);
  CHECK(unset.text("default_success_url").empty());
  CHECK(change(R"({"default_success_url":"http://tea.example/"})").text("error.param") == "default_success_url");
  CHECK(change(R"({"default_cancel_url":"tea"})").text("error.param") == "default_cancel_url");
  CHECK(change(R"({"default_expires_in":0})").text("error.param") == "default_expires_in");
  const auto notes = world.store.count("/audit/");
  CHECK(change("{}").status() == 200);
  CHECK(world.store.count("/audit/") == notes);
}

}  // namespace lntpay::test::charge_defaults_test
