// Charge creation that a node or a crash interrupts.
#include "core/charge/charge_creation.hpp"

#include "core/base/encoding.hpp"
#include "core/charge/charge_operations.hpp"
#include "core/charge/charge_refresh.hpp"
#include "core/lightning/node/sandbox_node.hpp"
#include "core/request/idempotency.hpp"
#include "core/tenant/due_work.hpp"
#include "tests/support/core_world.hpp"

namespace lntpay::charge_creation_test {
namespace {

constexpr Millis lease = minutes(2);

struct Shop {
  test::CoreWorld world;

  /// With an Idempotency-Key, so that a second call resumes the first one.
  Result<Published> create(std::string description = "one") { return *create_mortal(std::move(description)); }
  std::optional<Result<Published>> create_mortal(std::string description = "one") {
    return world.run_until_crash([this, description](Context& cx) -> Task<Result<Published>> {
      auto claimed =
          co_await idempotency::claim_key(cx, world.tenant, {.key = "k", .fingerprint = Bytes32{1}, .success_status = 201});
      co_return co_await create_charge(cx, world.tenant, {.amount = 21_sat, .description = description},
                                       std::get<IdempotencyClaim>(claimed));
    });
  }
  /// Crashes while the charge is `creating`.
  void leave_creating() {
    for (std::uint64_t effects = 1; count("charge_new") == 0; ++effects) {
      world.now = world.now + idempotency::lease;
      world.crashes_at = effects;
      CHECK_FALSE(create_mortal().has_value());
      world.crashes_at = 0;
    }
  }
  /// Runs `then` just before the commit with this number; 1 is the next.
  void before_commit(std::size_t number, std::function<void()> then) {
    world.store.before_commit =
        number == 1 ? std::move(then) : [this, number, then = std::move(then)] { before_commit(number - 1, then); };
  }
  std::size_t count(std::string_view room) const { return world.store.count(world.tenant.key(room) + "/"); }
  std::vector<std::string> due() const {
    std::vector<std::string> keys;
    for (const auto& [key, entry] : world.store.rows()) {
      if (key.starts_with(due_prefix(world.tenant.shard())) && key.contains("/charge/")) keys.push_back(key);
    }
    return keys;
  }
  Result<> poll(std::string key) {
    return world.run([&](Context& cx) { return run_charge(cx, key); });
  }
};

}  // namespace

TEST_CASE("a charge that the node rejects leaves only its finder row") {
  Shop shop;
  const auto refused = shop.create(std::string(640, 'x'));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::invalid_request);
  CHECK(refused.error().param == "description");
  CHECK(shop.count("charge_new") == 0);
  CHECK(shop.count("charge") == 0);
  CHECK(shop.due().empty());
  CHECK(shop.world.store.count("/hash/test/") == 1);
}

TEST_CASE("a charge without an invoice is removed when its lease expires") {
  Shop shop;
  shop.leave_creating();
  REQUIRE(shop.due().size() == 1);
  shop.world.now = due_time(shop.due().front());
  CHECK(shop.poll(shop.due().front()).has_value());
  CHECK(shop.count("charge_new") == 0);
  CHECK(shop.due().empty());
}

TEST_CASE("a resumed request takes over the charge and moves its due row") {
  Shop shop;
  shop.leave_creating();
  const auto first = shop.due().front();
  shop.world.now = due_time(first) - seconds(1);
  // Its commits: the key, the finder row and the charge, which both exist, the due row, the invoice. The first lease expires before
  // the last one.
  shop.before_commit(5, [&] {
    REQUIRE(shop.due().size() == 1);
    CHECK(due_time(shop.due().front()) == shop.world.now + lease);
    shop.world.now = due_time(first);
    CHECK(shop.poll(first).error().code == ErrorCode::lease_elsewhere);
  });
  CHECK(shop.create().has_value());
  CHECK(shop.count("charge_new") == 0);
  CHECK(shop.count("charge") == 1);
}

TEST_CASE("a task does not remove a charge that a retry has taken over") {
  Shop shop;
  shop.leave_creating();
  shop.world.now = due_time(shop.due().front());
  // The task's commits: its lease, the removal. Before the second one the request is resumed.
  bool resumed = false;
  shop.before_commit(2, [&] {
    resumed = true;
    CHECK(shop.create().has_value());
  });
  CHECK(shop.poll(shop.due().front()).error().code == ErrorCode::conflict);
  CHECK(resumed);
  CHECK(shop.count("charge_new") == 0);
  CHECK(shop.count("charge") == 1);
}

TEST_CASE("an invoice that differs from the request is not published") {
  const std::function<void(SandboxInvoice&)> changes[] = {
      [](SandboxInvoice& invoice) { invoice.amount = 20_sat; },
      [](SandboxInvoice& invoice) { invoice.expiry_s = 599; },
      [](SandboxInvoice& invoice) { invoice.description = "two"; },
      [](SandboxInvoice& invoice) { invoice.description_hash = Bytes32{1}; },
  };
  for (const auto& change : changes) {
    for (const bool by_task : {true, false}) {
      Shop shop;
      shop.leave_creating();
      const auto charge =
          from_row<Charge>(shop.world.store.rows().lower_bound(shop.world.tenant.key("charge_new") + "/")->second.value).value();
      SandboxInvoice invoice{
          .bolt11 = "lnbcrt1", .amount = 21_sat, .description = "one", .expiry_s = 600, .expires_at = shop.world.now + minutes(10)};
      change(invoice);
      shop.world.store.put(shop.world.tenant.key("sandbox/invoice", hex(charge.payment_hash)), to_row(invoice));
      shop.world.now = shop.world.now + lease;
      CHECK((by_task ? shop.poll(shop.due().front()).error() : shop.create().error()).code == ErrorCode::internal_error);
      CHECK(shop.count("charge_new") == 0);
      CHECK(shop.count("charge") == 0);
      CHECK(shop.world.store.count("/event/") == 0);
    }
  }
}

TEST_CASE("a charge that an earlier version wrote is read, and paid") {
  Shop shop;
  const auto made = shop.create();
  REQUIRE(made.has_value());
  const auto key = charge_key(shop.world.tenant, made->charge.id);
  const auto row = to_row(made->charge);
  std::string_view rest = row;
  std::string earlier = "3";
  row::cut(rest);
  for (int field = 0; field < 18; ++field) earlier.append("|").append(row::cut(rest));
  shop.world.store.put(key, earlier);
  const auto paid = shop.world.run([&](Context& cx) { return pay_in_sandbox(cx, shop.world.tenant, made->charge.id, {}); });
  REQUIRE(paid.has_value());
  CHECK(paid->contains(R"("status":"paid")"));
  CHECK(paid->contains(R"("cancel_url":null)"));
  CHECK(paid->contains(R"("renewable":false,"renews":null)"));
  CHECK(shop.world.store.rows().at(key).value.starts_with("5|"));
}

}  // namespace lntpay::charge_creation_test
