// Charges without an amount: the payer chooses it, and whatever arrives is credited.
#include <doctest/doctest.h>

#include "tests/support/withdrawing.hpp"

namespace lntpay::test::chosen_amount_test {
namespace {

std::string tip(World& world, const std::string& bounds = {}) {
  const auto made = world.post("/v1/charges", R"({"description":"a tip")" + (bounds.empty() ? "" : "," + bounds) + "}");
  REQUIRE_MESSAGE(made.status() == 201, made.body());
  CHECK(made.body().contains(R"("amount_sats":null,"amount_msat":null)"));
  return made.text("id");
}

/// Pays that many msat: "paid 5000", with " outside" if the charge is marked.
std::string pay(World& world, const std::string& charge, std::uint64_t msat) {
  const auto paid = world.post("/v1/sandbox/charges/" + charge + "/pay", R"({"amount_msat":)" + std::to_string(msat) + "}");
  if (paid.status() != 200) return paid.error();
  return paid.text("status") + " " + std::to_string(paid.number("settled_msat")) +
         (paid.body().contains(R"("outside_bounds":true)") ? " outside" : "");
}

std::uint64_t available(World& world) {
  CHECK(world.get("/v1/ledger/verify").body().contains(R"("ok":true)"));
  return world.get("/v1/balance").number("available_msat");
}

}  // namespace

TEST_CASE("a charge without an amount has an invoice without one, and credits what is paid") {
  World world;
  world.bootstrap();
  const auto charge = tip(world);
  const auto decoded =
      world.post("/v1/bolt11/decode", R"({"bolt11":")" + world.get("/v1/charges/" + charge).text("bolt11") + "\"}");
  CHECK(decoded.body().contains(R"("amount_msat":null)"));
  CHECK(world.post("/v1/sandbox/charges/" + charge + "/pay").error() == "400 invalid_request");
  CHECK(pay(world, charge, 1) == "paid 1");
  CHECK(pay(world, tip(world), 123'456'789) == "paid 123456789");
  CHECK(available(world) == 123'456'790);
  CHECK(world.get("/v1/events?types=charge.paid").items("data") == 2);
}

TEST_CASE("a payment outside the bounds is credited and marked") {
  World world;
  world.bootstrap();
  const auto bounds = [&] { return tip(world, R"("min_sats":10,"max_msat":20000)"); };
  CHECK(pay(world, bounds(), 9'999) == "underpaid 9999 outside");
  CHECK(pay(world, bounds(), 10'000) == "paid 10000");
  CHECK(pay(world, bounds(), 20'000) == "paid 20000");
  CHECK(pay(world, bounds(), 20'001) == "paid 20001 outside");
  CHECK(pay(world, tip(world, R"("min_msat":5)"), 4) == "underpaid 4 outside");
  CHECK(pay(world, tip(world, R"("max_sats":1)"), 1'001) == "paid 1001 outside");
  CHECK(available(world) == 9'999 + 10'000 + 20'000 + 20'001 + 4 + 1'001);
}

TEST_CASE("no amount is never an amount of 0, and bounds are for charges without an amount") {
  World world;
  world.bootstrap();
  for (const auto* const bad :
       {R"("amount_sats":0)", R"("amount_msat":0)", R"("min_sats":0)", R"("max_msat":0)", R"("amount_sats":5,"min_sats":1)",
        R"("amount_msat":5,"max_msat":9)", R"("min_sats":2,"max_sats":1)", R"("min_sats":2,"min_msat":2000)"}) {
    CAPTURE(bad);
    CHECK(world.post("/v1/charges", "{" + std::string(bad) + "}").error() == "400 invalid_request");
  }
  CHECK(world.post("/v1/sandbox/fund").error() == "400 invalid_request");
}

TEST_CASE("a wallet states the amount of an invoice that has none") {
  World world;
  world.bootstrap();
  const auto bolt11 = world.get("/v1/charges/" + tip(world)).text("bolt11");
  const auto body = R"({"bolt11":")" + bolt11 + "\"";
  CHECK(world.post("/v1/sandbox/wallet/pay", body + "}").error() == "400 invalid_request");
  CHECK(world.post("/v1/sandbox/wallet/pay", body + R"(,"amount_msat":7000})").text("object") == "sandbox_payment");
  CHECK(available(world) == 7'000);
}

TEST_CASE("the checkout page of a charge without an amount shows its bounds, and the sandbox pays within them") {
  World world;
  world.bootstrap();
  const auto page_of = [&](const std::string& charge) {
    auto url = world.get("/v1/charges/" + charge).text("checkout_url");
    return url.substr(url.find("/pay/"));
  };
  const auto read = [&](const std::string& page) {
    return world.request("GET", page, {}, {{"accept", "text/html"}, {"accept-language", "en"}}).body();
  };
  const auto free = page_of(tip(world));
  CHECK(read(free).contains("<h1>Any amount <small></small></h1>"));
  CHECK(read(page_of(tip(world, R"("min_sats":21,"max_sats":5000)"))).contains("<h1>21–5,000 <small>sats</small></h1>"));
  CHECK(read(page_of(tip(world, R"("min_sats":21)"))).contains("<h1>≥ 21 <small>sats</small></h1>"));
  const auto small = page_of(tip(world, R"("max_sats":2)"));
  CHECK(read(small).contains("<h1>≤ 2 <small>sats</small></h1>"));
  for (const auto& page : {free, small}) CHECK(world.request("POST", page + "/pay").status() == 303);
  CHECK(read(free).contains("21 sats have arrived"));
  CHECK(read(small).contains("2 sats have arrived"));
}

}  // namespace lntpay::test::chosen_amount_test
