// What a withdrawal shows of a poll that lnd refused. With the sandbox's node: tests/scenarios/faulty_node_test.cpp.
#include "core/base/encoding.hpp"
#include "core/lightning/node/node_instance.hpp"
#include "core/withdrawal/withdrawal_tracking.hpp"
#include "tests/support/core_world.hpp"
#include "tests/support/lnd_answers.hpp"

namespace lntpay::failed_poll_test {
namespace {

constexpr std::string_view a_node = "02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5";

/// A withdrawal that was sent to lnd, which refuses to look payments up.
struct RefusingNode : test::CoreWorld {
  WithdrawalId id{WithdrawalId::generate(tenant.shard(), now, random)};
  std::vector<std::string> alarms;

  RefusingNode() {
    settings.live_node = true;
    tenant.environment = Environment::live;
    const Withdrawal sent{.id = id,
                          .status = WithdrawalStatus::unknown,
                          .payment_hash = test::payment_hash,
                          .reserved = {.amount = 1'000_sat, .fee_limit = 10_sat},
                          .key = KeyId::generate(tenant.shard(), now, random),
                          .dispatched_at = now,
                          .node = std::string(a_node),
                          .sends = {SendState::open},
                          .last_send_at = now};
    store.put(withdrawal_key(tenant, id), to_row(sent));
    receiver = [](const Outgoing& asked) -> Reply {
      if (asked.target == "/v1/getinfo") return Answered{{200, {}, R"({"identity_pubkey":")" + std::string(a_node) + "\"}"}};
      return Answered{{500, {}, test::bare_error(2, "permission denied")}};
    };
  }
  std::string poll() {
    const auto polled = run([&](Context& cx) -> Task<Result<Withdrawal>> {
      auto tracked = co_await attempt(track_withdrawal(cx, tenant, id));
      alarms = cx.alarms;
      co_return std::move(tracked);
    });
    return polled ? std::string("polled") : polled.error().message;
  }
  Withdrawal stored() { return *from_row<Withdrawal>(store.rows().at(withdrawal_key(tenant, id)).value); }
};

}  // namespace

TEST_CASE("a poll that lnd refuses shows lnd's reason, when it was, and logs it once") {
  RefusingNode world;
  const auto message = world.poll();
  const std::string reason = "permission denied";
  CHECK_MESSAGE(message.contains(reason), message);
  const auto shown = world.stored();
  CHECK(shown.status == WithdrawalStatus::unknown);
  CHECK(shown.reason == "the node could not be polled: " + message);
  CHECK(shown.last_checked_at.has_value());
  CHECK(shown.stuck_since.has_value());
  REQUIRE(world.alarms.size() == 1);
  CHECK(world.alarms[0] == "withdrawal.poll_failed: " + world.id.text() + ", " + shown.reason);
  world.now = world.now + minutes(1);
  world.poll();
  CHECK(world.alarms.empty());
  CHECK(*world.stored().last_checked_at > *shown.last_checked_at);
  CHECK(world.stored().stuck_since == shown.stuck_since);
}

}  // namespace lntpay::failed_poll_test
