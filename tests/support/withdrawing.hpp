// A workspace that withdraws, against the sandbox's node.
#pragma once
#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "tests/support/world.hpp"

/// A namespace of its own: many tests have functions of these names.
namespace lntpay::test::withdrawing {

inline Headers with_key(std::string key = "d1") { return {{"idempotency-key", std::move(key)}}; }

inline void fund(World& world, std::uint64_t sats) {
  const auto charge = world.post("/v1/charges", R"({"amount_sats":)" + std::to_string(sats) + "}");
  REQUIRE_MESSAGE(charge.status() == 201, charge.body());
  world.post("/v1/sandbox/charges/" + charge.text("id") + "/pay");
}

inline std::string invoice(World& world, std::string_view behavior, std::string more = R"("amount_sats":6000)") {
  const auto made = world.post("/v1/sandbox/invoices", R"({"behavior":")" + std::string(behavior) + R"(",)" + more + "}");
  REQUIRE_MESSAGE(made.status() == 201, made.body());
  return made.text("bolt11");
}

inline Reading withdraw(World& world, const std::string& bolt11, std::string more = {}, Headers headers = with_key()) {
  return world.post("/v1/withdrawals", R"({"bolt11":")" + bolt11 + "\"" + (more.empty() ? "" : "," + more) + "}",
                    std::move(headers));
}

inline Reading look_up(World& world, const Reading& withdrawal) { return world.get("/v1/withdrawals/" + withdrawal.text("id")); }

/// "available 3990000 locked 0 | wd succeeded": the workspace as one line, its ledger verified.
inline std::string books(World& world) {
  const auto balance = world.get("/v1/balance");
  const auto proof = world.get("/v1/ledger/verify");
  const auto all = world.get("/v1/withdrawals?order=asc");
  std::string text = "available " + std::to_string(balance.number("available_msat")) + " locked " +
                     std::to_string(balance.number("locked_msat")) +
                     (proof.body().find(R"("ok":true)") == std::string::npos ? " BROKEN" : "") + " |";
  for (std::size_t i = 0; i < all.items("data"); ++i) text += " wd " + all.text("data." + std::to_string(i) + ".status");
  return text;
}

inline std::string events(World& world) {
  const auto read = world.get("/v1/events?limit=100");
  std::string text;
  for (std::size_t i = 0; i < read.items("data"); ++i) {
    const auto type = read.text("data." + std::to_string(i) + ".type");
    if (type.starts_with("withdrawal.")) text += (text.empty() ? "" : " ") + type.substr(11);
  }
  return text;
}

}  // namespace lntpay::test::withdrawing
