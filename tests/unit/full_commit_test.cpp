// The largest commits fit into a store's limit.
#include <doctest/doctest.h>

#include "core/charge/charge.hpp"
#include "core/charge/charge_refresh.hpp"
#include "core/crypto/sha256.hpp"
#include "tests/support/webhook_world.hpp"

namespace lntpay::full_commit_test {

TEST_CASE("a full commit of credits fits with as many endpoints as a workspace can have") {
  test::WebhookWorld world;
  for (std::size_t i = 0; i < endpoints_max; ++i) world.endpoint("https://shop.example.com/" + std::to_string(i));
  std::vector<Settlement> settled;
  for (std::uint8_t number = 0; number < settlements_max; ++number) {
    const Charge charge{.id = ChargeId::generate(world.tenant.shard(), world.now, world.random),
                        .status = ChargeStatus::pending,
                        .amount = 21_sat,
                        .external_id = "order " + std::to_string(number),
                        .payment_hash = sha256(Bytes32{number}),
                        .bolt11 = "lnbcrt…",
                        .created_at = world.now,
                        .expires_at = world.now + minutes(10),
                        .due_at = world.now + seconds(2)};
    world.store.put(charge_key(world.tenant, charge.id), to_row(charge));
    settled.push_back({charge.id, {.state = InvoiceState::settled, .paid = 21_sat}});
  }
  CHECK(world.run([&](Context& cx) { return credit_settled(cx, world.tenant, settled); }).has_value());
  CHECK(world.count("transfer") == settlements_max);
  CHECK(world.count("delivery") == settlements_max * endpoints_max);
}

}  // namespace lntpay::full_commit_test
