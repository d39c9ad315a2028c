// Incidents of other payment systems, replayed here with every invariant checked at each commit (docs/money.md).
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/sim/play.hpp"

namespace lntpay::sim::incidents_test {
namespace {

constexpr auto live = Play::live;

bool is_send(const Outgoing& request) { return request.target == "/v2/router/send"; }

/// The faults of the first sends, in order; later ones have none.
void sends_meet(Play& play, std::vector<Fault> faults) {
  play.world.scene.script = [faults = std::move(faults),
                             next = std::size_t{0}](const Outgoing& request) mutable -> std::optional<Fault> {
    if (!is_send(request) || next == faults.size()) return std::nullopt;
    return faults[next++];
  };
}

std::string field(Play& play, std::size_t which) {
  const auto& id = play.shop(live).withdrawals.back();
  return std::string(split(*play.world.scene.store.find(play.shop(live).tenant + "/wd/" + id))[which]);
}
std::string status(Play& play) { return field(play, withdrawal_row::status); }
std::int64_t locked(Play& play) { return play.world.oracle.books().at(play.shop(live).tenant).locked; }

/// Copies the endpoint's only delivery `count` times; all are due from that time.
void pile_up(SimStore& store, const std::string& tenant, const std::string& endpoint, int copies, UnixMillis since) {
  std::vector<std::string> row;
  store.below(tenant + "/delivery/", [&](const std::string&, const std::string& value) {
    for (const auto field : split(value)) row.emplace_back(field);
    return false;
  });
  REQUIRE(row.size() > delivery_row::next_attempt_at);
  REQUIRE(row[delivery_row::endpoint] == endpoint);
  const auto padded = [](std::string digits, std::size_t size) { return std::string(size - digits.size(), '0') + digits; };
  const auto stem = row[delivery_row::id].substr(0, row[delivery_row::id].size() - 8);
  const auto at = std::to_string(since.value);
  row[delivery_row::next_attempt_at] = at;
  for (int copy = 0; copy < copies; ++copy) {
    row[delivery_row::id] = stem + padded(std::to_string(copy), 8);
    std::string value;
    for (const auto& field : row) value.append(value.empty() ? "" : "|").append(field);
    const auto key = tenant + "/queue/" + endpoint + "/" + padded(at, 20) + "/" + row[delivery_row::id];
    store.perform(Commit{{}, {Put{tenant + "/delivery/" + row[delivery_row::id], value}, Put{key, row[delivery_row::event_seq]}}},
                  CommitFault::none);
  }
}

/// The last event about it, or empty.
std::string event_of(const SimStore& store, const std::string& tenant, const std::string& about) {
  std::string id;
  if (about.empty()) return id;
  store.below(tenant + "/event/", [&](const std::string&, const std::string& value) {
    if (value.contains(about)) id = split(value)[event_row::id];
    return true;
  });
  return id;
}

}  // namespace

TEST_CASE("in flight until 7 days past expiry, then paid: the lock holds over restarts") {
  Play play;
  play.fund(live);
  play.world.lnd.held_beyond_expiry = days(7);
  play.outside(Fate::held);
  play.withdraw(live);
  for (int day = 0; day < 7; ++day) {
    play.world.pass(hours(23));
    CHECK(status(play) == "unknown");
    CHECK(locked(play) == 505'000);
    CHECK_FALSE(field(play, withdrawal_row::stuck_since).empty());
    const auto since = field(play, withdrawal_row::stuck_since);
    play.world.host.crash();
    play.world.pass(hours(1));
    CHECK(field(play, withdrawal_row::stuck_since) == since);
  }
  play.world.rest();
  CHECK(status(play) == "succeeded");
}

TEST_CASE("a send that never reached the node is retried, and paid once") {
  Play play;
  play.fund(live);
  play.outside(Fate::succeeds);
  sends_meet(play, {Fault::http_timeout_before});
  play.withdraw(live);
  play.world.pass(seconds(100));
  CHECK(status(play) == "unknown");
  CHECK(locked(play) == 505'000);
  play.world.rest();
  CHECK(status(play) == "succeeded");
  CHECK(play.world.lnd.sends_arrived == 1);
}

TEST_CASE("a send interrupted by a crash counts: the lock holds while it may arrive") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Play play(true, seed);
    play.fund(live);
    play.outside(Fate::succeeds);
    sends_meet(play, {Fault::http_late});
    play.withdraw(live);
    REQUIRE(status(play) == "dispatched");
    play.world.host.crash();
    play.world.pass(minutes(1));
    CHECK(locked(play) == 505'000);
    play.world.pass(minutes(2));
    if (status(play) != "succeeded") {
      CHECK(status(play) == "unknown");
      CHECK_FALSE(field(play, withdrawal_row::stuck_since).empty());
    }
    play.world.rest();
    CHECK(status(play) == "succeeded");
  }
}

TEST_CASE("the first send arrives after the second failed: the lock still covers it") {
  int held = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    Play play(true, seed);
    play.fund(live);
    const auto payable = play.outside(Fate::fails);
    sends_meet(play, {Fault::http_late});
    play.withdraw(live);
    for (int i = 0; i < 600 && play.world.lnd.sends_arrived == 0; ++i) play.world.pass(seconds(1));
    play.world.pass(seconds(10));
    if (play.world.lnd.sends_arrived == 1 && split(field(play, withdrawal_row::sends), ',').size() == 2) {
      CHECK(play.world.lnd.status_of(payable.payment_hash) == "FAILED");
      CHECK(locked(play) == 505'000);
      ++held;
    }
    play.world.lnd.change_fate(payable.payment_hash, Fate::succeeds);
    play.world.pass(hours(1));  // by then every earlier send has arrived
    play.world.rest();
  }
  CHECK(held > 0);
}

TEST_CASE("the record of an earlier, failed withdrawal does not affect the new one") {
  Play play;
  play.fund(live);
  const auto payable = play.outside(Fate::fails);
  play.withdraw(live);
  play.world.pass(minutes(1));
  CHECK(status(play) == "failed");
  play.world.lnd.change_fate(payable.payment_hash, Fate::succeeds);
  sends_meet(play, {Fault::http_timeout_before});
  play.withdraw(live);
  play.world.pass(seconds(100));
  CHECK(play.world.lnd.status_of(payable.payment_hash) == "FAILED");
  CHECK(status(play) == "unknown");
  CHECK(locked(play) == 505'000);
  play.world.rest();
  CHECK(status(play) == "succeeded");
}

TEST_CASE("a deleted payment that was seen needs review, and the lock stays") {
  Play play;
  play.fund(live);
  const auto payable = play.outside(Fate::held);
  sends_meet(play, {Fault::http_reset_after});
  play.withdraw(live);
  play.world.pass(minutes(2));
  REQUIRE(field(play, withdrawal_row::seen) == "1");
  play.world.lnd.forget_payment(payable.payment_hash);
  play.world.pass(minutes(10));
  CHECK(status(play) == "needs_review");
  CHECK(locked(play) == 505'000);
}

TEST_CASE("an overtaken poll sends no healthy payment to review") {
  int outdated = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Play play(true, seed);
    play.fund(live);
    play.outside(Fate::slow);
    std::size_t polls = 0;
    // The send is slow, and so is every other poll of it: "not found" can arrive after "in flight".
    play.world.scene.script = [&, sent = false](const Outgoing& request) mutable -> std::optional<Fault> {
      sent = sent || is_send(request);
      if (is_send(request)) return Fault::http_slow;
      if (!sent || !request.target.starts_with("/v2/router/track/")) return std::nullopt;
      return ++polls % 2 == 1 ? std::optional(Fault::http_slow) : std::nullopt;
    };
    play.withdraw(live);
    const auto path = "/v1/withdrawals/" + play.shop(live).withdrawals.back() + "/reconcile";
    for (int i = 0; i < 80; ++i) {
      play.world.clients.ask(live, "POST", path);
      play.world.pass(seconds(1));
      CHECK(status(play) != "needs_review");
    }
    play.world.rest();
    CHECK(status(play) == "succeeded");
    const auto& reached = play.world.scene.marks.counts();
    outdated += reached.contains("poll: overtaken by one with another answer") ? 1 : 0;
  }
  CHECK(outdated > 0);
}

TEST_CASE("a failed poll leaves the withdrawal unchanged") {
  for (const auto fault : {Fault::http_refused, Fault::http_reset_before, Fault::http_reset_after, Fault::http_timeout_before,
                           Fault::http_timeout_after, Fault::http_truncated, Fault::http_wrong_type, Fault::http_5xx}) {
    Play play;
    play.fund(live);
    play.outside(Fate::fails);
    bool sent = false;
    play.world.scene.script = [&, fault](const Outgoing& request) -> std::optional<Fault> {
      if (is_send(request)) {
        sent = true;
        return Fault::http_reset_after;
      }
      return sent ? std::optional(fault) : std::nullopt;
    };
    play.withdraw(live);
    play.world.pass(hours(3));
    CHECK_MESSAGE(status(play) == "unknown", std::string(name_of(fault)));
    CHECK(locked(play) == 505'000);
    play.world.scene.script = nullptr;
    play.world.rest();
    CHECK(status(play) == "failed");
  }
}

TEST_CASE("64 concurrent withdrawals never lock more than the balance") {
  Play play;
  play.fund(live);
  for (int i = 0; i < 64; ++i) {
    const auto payable = play.outside(Fate::succeeds, 100'000);
    play.world.clients.ask(live, "POST", "/v1/withdrawals", R"({"bolt11":")" + payable.bolt11 + "\"}", "race-" + std::to_string(i));
  }
  play.world.pass(seconds(3));
  play.world.rest();
  CHECK(play.world.lnd.paid.size() == 9);
}

TEST_CASE("100,000 due deliveries on one endpoint delay another by < 1 s") {
  Play play;
  auto& world = play.world;
  const auto& tenant = play.shop(Play::test).tenant;
  const auto hook = [&](std::size_t shop, const std::string& url) {
    return play.answer(play.ask(shop, "POST", "/v1/webhook_endpoints", R"({"url":")" + url + "\"}"), "id");
  };
  const std::string well = "https://well.example.com/hook", other = "https://other.example.com/hook";
  const std::string dead = "https://dead.example.com/hook";
  world.receivers.moods = {{dead, Mood::hanging}};
  const auto dead_id = hook(Play::test, dead);
  play.ask(Play::test, "POST", "/v1/webhook_endpoints/" + dead_id + "/test");
  pile_up(world.scene.store, tenant, dead_id, 100'000, world.scene.agenda.now() - hours(1));
  world.pass(minutes(1));
  hook(Play::test, well);
  hook(2, other);  // another workspace's

  const auto slowest = [&](std::size_t shop, const std::string& url) {
    Millis most{};
    for (int i = 0; i < 30; ++i) {
      const auto asked = world.clients.ask(shop, "POST", "/v1/charges", R"({"amount_sats":1})", "c" + url + std::to_string(i));
      const auto began = world.scene.agenda.now();
      const auto taken = [&] {
        const auto id = event_of(world.scene.store, play.shop(shop).tenant, play.answer(asked, "id"));
        return !id.empty() && world.receivers.has_taken(url, id);
      };
      while (!taken() && world.scene.agenda.now() - began < minutes(1)) world.pass(Millis{10});
      most = std::max(most, world.scene.agenda.now() - began);
      world.pass(Millis{700});  // the dead endpoint's batches are at another point each time
    }
    return most;
  };
  CHECK(slowest(Play::test, well) < seconds(1));
  CHECK(slowest(2, other) < seconds(1));
  std::size_t waiting = 0;
  world.scene.store.below(tenant + "/queue/" + dead_id, [&](const std::string&, const std::string&) { return ++waiting > 0; });
  CHECK(waiting > 100'000);
}

TEST_CASE("a reader of events misses none while new ones are added") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Play play(true, seed);
    auto& clients = play.world.clients;
    const auto& read = play.shop(Play::test).events_read;
    for (int i = 0; i < 20; ++i) {
      clients.ask(Play::test, "POST", "/v1/charges", R"({"amount_msat":1000})", "charge-" + std::to_string(i));
      clients.ask(Play::test, "GET", "/v1/events?limit=100&after_seq=" + std::to_string(read));
      for (int moves = 0; moves < 8; ++moves) play.world.host.advance();
    }
    play.world.pass(seconds(3));
    play.ask(Play::test, "GET", "/v1/events?limit=100&after_seq=" + std::to_string(read));
    CHECK(read >= 20);
    CHECK(read == play.world.oracle.books().at(play.shop(Play::test).tenant).events);
  }
}

TEST_CASE("two concurrent cancels release once, and both get a response") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Play play(true, seed);
    play.fund(live);
    play.world.scene.script = [](const Outgoing& request) -> std::optional<Fault> {
      return request.target.starts_with("/v2/router/track") ? std::optional(Fault::http_refused) : std::nullopt;
    };
    play.outside(Fate::succeeds, 300'000);
    play.withdraw(live);
    play.outside(Fate::succeeds, 300'000);
    play.withdraw(live);
    REQUIRE(status(play) == "pending");
    const auto path = "/v1/withdrawals/" + play.shop(live).withdrawals.back() + "/cancel";
    const auto first = play.world.clients.ask(live, "POST", path, {}, "one");
    const auto second = play.world.clients.ask(live, "POST", path, {}, "two");
    play.world.pass(seconds(1));
    CHECK(play.answer(first, "status") == "failed");
    CHECK(play.answer(second, "status") == "failed");
    CHECK(locked(play) == 305'000);
  }
}

}  // namespace lntpay::sim::incidents_test
