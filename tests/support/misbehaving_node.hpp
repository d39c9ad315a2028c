// A node that breaks its contract, simulated by changing the rows of the sandbox's node.
#pragma once
#include <doctest/doctest.h>

#include <functional>
#include <string>

#include "core/lightning/node/sandbox_payments.hpp"
#include "tests/support/world.hpp"

namespace lntpay::test {

/// Edits the row whose key has this suffix.
template <class T>
void change(World& world, const std::string& end, const std::function<void(T&)>& edit) {
  for (const auto& [key, entry] : world.store.rows()) {
    if (!key.ends_with(end)) continue;
    auto record = from_row<T>(entry.value).value();
    edit(record);
    return world.store.put(std::string(key), to_row(record));
  }
  FAIL("there is no row " << end);
}

/// Funds `sats`, pays a withdrawal of 6,000 sats, and charges 500 msat more than its fee limit of 60 sats, which go to suspense.
inline void overcharge(World& world, int sats = 10'000) {
  world.post("/v1/sandbox/fund", R"({"amount_sats":)" + std::to_string(sats) + "}");
  const auto invoice = world.post("/v1/sandbox/invoices", R"({"amount_sats":6000,"behavior":"slow"})");
  const auto made = world.post("/v1/withdrawals", R"({"max_fee_sats":60,"bolt11":")" + invoice.text("bolt11") + "\"}",
                               {{"idempotency-key", "takes-too-much"}});
  REQUIRE_MESSAGE(made.status() == 202, made.body());
  world.run_due();
  change<SandboxPayment>(world, "/sandbox/payment/" + invoice.text("payment_hash"),
                         [](auto& payment) { payment.fee = Msat{60'500}; });
  world.pass(minutes(1));
  world.log.clear();  // of the overcharge
}

}  // namespace lntpay::test
