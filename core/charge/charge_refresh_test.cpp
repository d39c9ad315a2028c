// The effect of a node's answers on a charge, impossible ones included.
#include "core/charge/charge_refresh.hpp"

#include <algorithm>

#include "core/base/encoding.hpp"
#include "core/charge/charge_creation.hpp"
#include "core/event/event.hpp"
#include "core/ledger/verification.hpp"
#include "core/lightning/node/sandbox_node.hpp"
#include "core/tenant/due_work.hpp"
#include "tests/support/core_world.hpp"

namespace lntpay::charge_refresh_test {
namespace {

/// A workspace with one charge of 21 sat for ten minutes.
struct Shop {
  test::CoreWorld world;
  Charge charge = make();
  std::vector<std::string> alarms;
  bool node_is_down = false;

  Charge make() {
    return world.must([&](Context& cx) { return create_charge(cx, world.tenant, {.amount = 21_sat, .description = "one"}, {}); })
        .charge;
  }
  Charge stored() const { return from_row<Charge>(world.store.rows().at(charge_key(world.tenant, charge.id)).value).value(); }

  std::string invoice_key() const { return world.tenant.key("sandbox/invoice", hex(charge.payment_hash)); }
  /// Changes the invoice at the node.
  template <class Change>
  void at_node(Change change) {
    auto invoice = from_row<SandboxInvoice>(world.store.rows().at(invoice_key()).value).value();
    change(invoice);
    world.store.put(invoice_key(), to_row(invoice));
  }
  void settle(Msat paid) {
    at_node([&](SandboxInvoice& invoice) {
      invoice.paid_at = world.now;
      invoice.paid = paid;
    });
  }

  /// The due rows of charges.
  std::vector<std::string> due() const {
    std::vector<std::string> keys;
    for (const auto& [key, entry] : world.store.rows()) {
      const auto work = parse_due_key(key);
      if (work && work->kind == "charge") keys.push_back(key);
    }
    return keys;
  }
  Result<> poll(std::string key) {
    return world.run([&](Context& cx) -> Task<Result<>> {
      if (node_is_down) cx.sandbox.faults.push_back(SandboxFault::node_down);
      const auto ended = co_await attempt(run_charge(cx, key));
      alarms.insert(alarms.end(), cx.alarms.begin(), cx.alarms.end());
      co_return ended;
    });
  }
  /// Polls the node now.
  void poll() {
    const auto key = due_key({"charge", world.tenant, charge.id.text()}, world.now);
    world.store.put(key, "");
    CHECK(poll(key).has_value());
  }
  /// Runs due tasks at their times for `span`. Yields the number of polls.
  int poll_for(Millis span) {
    const auto until = world.now + span;
    int polls = 0;
    for (auto keys = due(); !keys.empty() && due_time(keys.front()) <= until; keys = due()) {
      world.now = std::max(world.now, due_time(keys.front()));
      CHECK(poll(keys.front()).has_value());
      ++polls;
    }
    world.now = std::max(world.now, until);
    return polls;
  }

  /// "paid 21000 | available 21000 in 1 entries | charge.created charge.paid | due 0"
  std::string text() {
    const auto now = stored();
    const auto account = world.must([&](Context& cx) { return read_account(cx, world.tenant); });
    CHECK(world.must([&](Context& cx) { return verify_entries(cx, world.tenant, {}, 1'000); }).ok);
    std::string out(name_of(now.status));
    out += " " + std::to_string(now.settled.value) + " | available " + std::to_string(account.available.value) + " in " +
           std::to_string(account.entries) + " entries |";
    for (std::uint64_t seq = 1; seq <= account.events; ++seq) {
      out.append(" ").append(name_of(from_row<Event>(world.store.rows().at(event_key(world.tenant, seq)).value).value().type));
    }
    return out + " | due " + std::to_string(due().size());
  }
};

}  // namespace

TEST_CASE("an underpaid charge is credited once, unlocks nothing and raises an alarm") {
  Shop shop;
  shop.settle(20'999_msat);
  shop.poll();
  CHECK(shop.text() == "underpaid 20999 | available 20999 in 1 entries | charge.created charge.underpaid | due 0");
  REQUIRE(shop.alarms.size() == 1);
  CHECK(shop.alarms.front() == "charge.underpaid: " + shop.charge.id.text() + ", 20999 of 21000 msat");
  shop.poll();
  CHECK(shop.text() == "underpaid 20999 | available 20999 in 1 entries | charge.created charge.underpaid | due 0");
  CHECK(shop.alarms.size() == 1);
}

TEST_CASE("money for an ended charge is credited as paid_late or underpaid") {
  struct Case {
    Millis waited;
    Msat paid;
    std::string_view end;
  };
  const Case cases[] = {
      {minutes(11), 21_sat,
       "paid_late 21000 | available 21000 in 1 entries | charge.created charge.expired charge.paid_late | due 0"},
      {minutes(11), 1_msat, "underpaid 1 | available 1 in 1 entries | charge.created charge.expired charge.underpaid | due 0"},
      {Millis{}, 30_sat,
       "paid_late 30000 | available 30000 in 1 entries | charge.created charge.canceled charge.paid_late | due 0"},
      {Millis{}, 2_sat, "underpaid 2000 | available 2000 in 1 entries | charge.created charge.canceled charge.underpaid | due 0"},
  };
  for (const auto& each : cases) {
    CAPTURE(each.end);
    Shop shop;
    shop.poll_for(each.waited);
    if (each.waited == Millis{}) shop.at_node([&](SandboxInvoice& invoice) { invoice.canceled_at = shop.world.now; });
    shop.poll();
    CHECK(is_final(shop.stored().status));
    shop.settle(each.paid);
    shop.poll();
    shop.poll();
    CHECK(shop.text() == each.end);
  }
}

TEST_CASE("an underpaid charge is credited once, whatever a commit returns") {
  for (const auto fault :
       {test::CommitFault::conflict, test::CommitFault::unknown_written, test::CommitFault::unknown_not_written}) {
    for (std::size_t number = 1; number <= 3; ++number) {
      Shop shop;
      shop.settle(5_sat);
      shop.world.now = shop.charge.expires_at;
      shop.world.store.fault_at(number, fault);
      shop.poll(shop.due().front());
      shop.world.store.faults.clear();
      shop.poll_for(minutes(5));
      CHECK(shop.text() == "underpaid 5000 | available 5000 in 1 entries | charge.created charge.underpaid | due 0");
    }
  }
}

TEST_CASE("a missing invoice is polled with backoff until a day after its expiry") {
  Shop shop;
  shop.world.store.erase(shop.invoice_key());
  const auto polls = shop.poll_for(hours(24));
  CHECK(polls > 24);
  CHECK(polls < 120);
  CHECK(shop.alarms.empty());
  CHECK(shop.text() == "pending 0 | available 0 in 0 entries | charge.created | due 1");
  CHECK(shop.poll_for(hours(2)) <= 2);
  CHECK(shop.text() == "pending 0 | available 0 in 0 entries | charge.created | due 0");
  REQUIRE(shop.alarms.size() == 1);
  CHECK(shop.alarms.front().starts_with("charge.missing: the node has no invoice of " + shop.charge.id.text()));
}

TEST_CASE("an invoice that reappears ends its charge as usual") {
  for (const bool paid : {true, false}) {
    Shop shop;
    const auto row = shop.world.store.rows().at(shop.invoice_key()).value;
    shop.world.store.erase(shop.invoice_key());
    shop.poll_for(hours(3));
    shop.world.store.put(shop.invoice_key(), row);
    if (paid) shop.settle(21_sat);
    shop.poll_for(hours(2));
    CHECK(shop.text() == (paid ? "paid 21000 | available 21000 in 1 entries | charge.created charge.paid | due 0"
                               : "expired 0 | available 0 in 0 entries | charge.created charge.expired | due 0"));
    CHECK(shop.alarms.empty());
  }
}

TEST_CASE("a node that does not answer is polled again soon") {
  Shop shop;
  shop.world.now = shop.charge.expires_at;
  shop.settle(21_sat);
  shop.node_is_down = true;
  REQUIRE_FALSE(shop.poll(shop.due().front()).has_value());
  CHECK(shop.text() == "pending 0 | available 0 in 0 entries | charge.created | due 1");
  CHECK(due_time(shop.due().front()) < shop.world.now + minutes(1));
  shop.node_is_down = false;
  shop.poll_for(minutes(1));
  CHECK(shop.text() == "paid 21000 | available 21000 in 1 entries | charge.created charge.paid | due 0");
}

TEST_CASE("a clock that goes back during a poll keeps the charge scheduled") {
  for (const auto back : {Millis{1}, minutes(5), hours(1)}) {
    Shop shop;
    const auto key = shop.due().front();
    shop.world.now = due_time(key);
    shop.world.store.before_commit = [&] { shop.world.now = shop.world.now - back; };
    CHECK(shop.poll(key).has_value());
    CHECK(shop.text() == "pending 0 | available 0 in 0 entries | charge.created | due 1");
    shop.poll_for(hours(2));
    CHECK(shop.text() == "expired 0 | available 0 in 0 entries | charge.created charge.expired | due 0");
  }
}

TEST_CASE("a charge that ended is not polled again") {
  Shop shop;
  shop.poll_for(minutes(11));
  shop.world.store.erase(shop.invoice_key());
  shop.poll();
  CHECK(shop.text() == "expired 0 | available 0 in 0 entries | charge.created charge.expired | due 0");
  CHECK(shop.alarms.empty());
}

}  // namespace lntpay::charge_refresh_test
