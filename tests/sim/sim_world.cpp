// Runs steps, and brings the world to rest after them.
#include "tests/sim/sim_world.hpp"

#include "tests/sim/naive_sha256.hpp"

namespace lntpay::sim {
namespace {

constexpr std::string_view pepper = "11111111111111111111111111111111111111111111111111111111111111aa";

std::string hmac_of(std::string_view text) {
  std::string inner(64, '\x36');
  std::string outer(64, '\x5c');
  const auto key = from_hex(pepper);
  for (std::size_t i = 0; i < key.size(); ++i) {
    inner[i] = static_cast<char>(inner[i] ^ key[i]);
    outer[i] = static_cast<char>(outer[i] ^ key[i]);
  }
  return to_hex(naive_sha256(outer + naive_sha256(inner + std::string(text))));
}

UnixMillis start_of(const Faults& faults) {
  constexpr UnixMillis in_2106{(1ULL << 32) * 1'000};
  return faults.has(Fault::clock_2106) ? in_2106 - hours(2) : UnixMillis{1'800'000'000'000};
}

}  // namespace

std::string engine_config(bool send_once, int keep_events_days) {
  return R"({"base_url":"http://127.0.0.1:8402","live_network":"regtest","live_node":true,"send_once":)" +
         std::string(send_once ? "true" : "false") + R"(,"pepper":[{"id":"1","key":")" + std::string(pepper) +
         R"("}],"seal":[{"id":"1","key":")" + std::string(64, '2') + R"("}],"cursor_key":")" + std::string(64, '3') +
         R"(","gate_key":")" + std::string(64, '4') + R"(","operator_hmac":")" + hmac_of(operator_token) +
         R"(","limits":{"rate_quota":100000000,"rate_window_s":60,"challenges_per_client":1000,"challenges_per_gate":10000})" +
         R"(,"keep_events_days":)" + std::to_string(keep_events_days) + R"(,"egress":{"mode":"guarded","allow_loopback":true}})";
}

World::World(Setup setup)
    : scene(setup.seed, start_of(setup.faults)),
      lnd(scene),
      receivers(scene),
      oracle(scene, lnd),
      host(scene, std::move(setup.make), lnd, receivers),
      clients(scene, host, lnd, receivers, oracle),
      visitors(scene, host, lnd, clients, oracle),
      seed_(setup.seed) {
  scene.words = std::move(setup.words);
  scene.send_once = setup.send_once;
  if (!scene.send_once) scene.marks.reach("world: sends may be repeated");
  clients.open_shops(setup.workspaces);
  if (setup.gates) {
    visitors.open_gates();
    host.tick_challenges();
  }
  if (setup.streams) stream.emplace(scene, host, lnd);
  scene.faults = setup.faults;
  scene.random_repeats = setup.faults.has(Fault::random_repeated);
  if (scene.faults.has(Fault::clock_2106)) scene.marks.reach("fault: clock_2106");
}

void World::pass(Millis span) {
  const auto until = scene.agenda.now() + span;
  do {
    host.settle();
  } while (scene.agenda.pass(until));
  host.settle();
}

void World::step(std::uint64_t number) {
  scene.random = SimRandom(seed_, number + 1);
  scene.narrate("step ", std::to_string(number), " at ", std::to_string(scene.agenda.now().value));
  move();
  clients.check_moving();
}

void World::move() {
  auto& random = scene.random;
  if (visitors.is_open() && random.one_in(4)) {
    visitors.act();
  } else {
    clients.act();
  }
  if (random.one_in(3)) {
    for (auto moves = random.below(40); moves > 0 && host.advance();) --moves;
    return;
  }
  static constexpr Millis spans[] = {Millis{0},  Millis{20},  Millis{100}, seconds(1), seconds(1),
                                     seconds(5), seconds(20), minutes(1),  minutes(2), minutes(3)};
  static constexpr Millis long_spans[] = {minutes(10), minutes(20), hours(1), hours(6)};
  pass(random.one_in(20) ? random.pick(long_spans) : random.pick(spans));
}

/// A remaining due row, or empty.
std::string World::remaining_work() const {
  for (auto row = scene.store.rows().begin(); row != scene.store.rows().end() && row->first.front() != '~';) {
    const auto shard = row->first.substr(0, 2);
    std::string due;
    scene.store.below(shard + "/due/", [&](const std::string& key, const std::string&) {
      const auto kind = split(key, '/')[2];
      if (kind != "idem" && kind != "prune" && kind != "requests") due = key;
      return due.empty();
    });
    if (!due.empty()) return due;
    row = scene.store.rows().lower_bound(shard + "0");
  }
  return {};
}

void World::rest() {
  scene.random = SimRandom(seed_, 0x0fe57);
  scene.narrate("all faults stop");
  const bool clocks_were_right = !scene.faults.has(Fault::clock_jump) && !scene.faults.has(Fault::clock_stall);
  scene.faults = {};
  clients.stop_sandbox_faults();
  host.stall(false);
  host.set_skew({});
  lnd.skew = {};
  lnd.sends_date = true;
  lnd.show_hidden_invoices();
  // One world in four keeps receivers that never recover: their events become dead letters.
  if (!scene.random.one_in(4)) receivers.moods.clear();
  if (visitors.is_open()) {
    pass(hours(1));
    if (clocks_were_right) oracle.check_challenges_an_hour_later();
    visitors.check_quiet([this](Millis span) { pass(span); });
  }
  const auto until = scene.agenda.now() + days(40);
  for (int round = 0;; ++round) {
    require(scene.agenda.now() < until, "I14 the world does not come to rest: ", remaining_work());
    pass(round < 20 ? minutes(1) : hours(1));
    const bool asking = clients.retry_unanswered();
    const bool reviewing = round >= 20 && clients.resolve_reviews();
    if (!asking && !reviewing && remaining_work().empty() && host.idle()) break;
  }
  oracle.check_quiet();
  clients.check_quiet();
}

}  // namespace lntpay::sim
