// Implements the test world: a minimal host.
#include "tests/support/world.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>

#include "core/base/encoding.hpp"
#include "core/crypto/sha256.hpp"
#include "core/tenant/due_work.hpp"
#include "core/tenant/operator.hpp"
#include "tests/support/conforms.hpp"

namespace lntpay::test {
namespace {

constexpr std::string_view pepper = "11111111111111111111111111111111111111111111111111111111111111aa";

/// For errors of the world itself, after which no test result is meaningful.
void require(bool good, const std::string& why) {
  if (good) return;
  std::fprintf(stderr, "the test's world: %s\n", why.c_str());
  std::abort();
}

std::string config(std::string_view operator_token) {
  const auto hmac = hmac_sha256(*hex_decode(pepper), bytes_of(operator_token));
  return R"({"base_url":"http://127.0.0.1:8402","live_network":"bitcoin","live_node":false,"send_once":true,)"
         R"("pepper":[{"id":"1","key":")" +
         std::string(pepper) + R"("}],"seal":[{"id":"1","key":")" + std::string(64, '2') + R"("}],"cursor_key":")" +
         std::string(64, '3') + R"(","gate_key":")" + std::string(64, '4') + R"(","operator_hmac":")" + hex(hmac) +
         R"(","limits":{"rate_quota":1000,"rate_window_s":60,"challenges_per_client":20,"challenges_per_gate":100},"keep_events_days":90,"egress":{"mode":"guarded","allow_loopback":true}})";
}

/// The member at a path; by value, because its tree is local.
std::optional<Json> member(const std::string& body, std::string_view path) {
  auto read = read_json(body);
  if (!read) return std::nullopt;
  Json at = std::move(*read);
  while (!path.empty()) {
    const auto step = row::cut(path, '.');
    std::size_t index = 0;
    if (at.kind == Json::Kind::array && row::read(step, index) && index < at.items.size()) {
      at = Json(at.items[index]);
    } else if (const auto* found = at.find(step)) {
      at = Json(*found);
    } else {
      return std::nullopt;
    }
  }
  return at;
}

}  // namespace

std::string Reading::text(std::string_view path) const {
  const auto value = member(response.body, path);
  return value ? value->text : std::string{};
}
std::uint64_t Reading::number(std::string_view path) const {
  const auto value = member(response.body, path);
  return value ? value->whole().value_or(0) : 0;
}
std::size_t Reading::items(std::string_view path) const {
  const auto value = member(response.body, path);
  return value ? value->items.size() : 0;
}
std::string Reading::header(std::string_view name) const {
  const auto found = std::ranges::find(response.headers, name, &Header::name);
  return found == response.headers.end() ? std::string{} : found->value;
}
std::string Reading::error() const { return std::to_string(response.status) + " " + text("error.code"); }

World::World() : receiver([](const Outgoing&) { return Answered{{200, {}, "ok"}}; }) { start_engine(); }

void World::start_engine() {
  engine_ = std::make_unique<Engine>();
  const auto configured = engine_->configure(config(operator_token));
  require(configured.has_value(), configured ? "" : configured.error());
}

Moment World::moment() {
  if (!random_repeats) ++entropy_;
  return {now, {entropy_, 0x9e3779b97f4a7c15ULL * entropy_, 7, 11}};
}

void World::bootstrap() {
  const auto made = request("POST", "/v1/admin/workspaces", R"({"name":"test"})",
                            {{"authorization", "Bearer " + operator_token}, {"content-type", "application/json"}});
  require(made.status() == 201, made.body());
  test_key = made.text("api_keys.test");
  live_key = made.text("api_keys.live");
}

Reading World::request(std::string method, std::string target, std::string body, Headers headers) {
  const Request asked{method, target, {}, {}, {}};
  auto reading = end(begin_request(std::move(method), std::move(target), std::move(body), std::move(headers)));
  const auto wrong = reading.status() == 0 ? std::string{} : deviation(asked, reading.response);
  require(wrong.empty(), asked.method + " " + asked.target + ": " + wrong + ": " + reading.body());
  return reading;
}

Reading World::send(std::string method, std::string target, std::string body, Headers headers) {
  headers.push_back({"authorization", "Bearer " + test_key});
  if (!body.empty()) headers.push_back({"content-type", "application/json"});
  return request(std::move(method), std::move(target), std::move(body), std::move(headers));
}
Reading World::get(std::string target) { return send("GET", std::move(target)); }
Reading World::post(std::string target, std::string body, Headers headers) {
  return send("POST", std::move(target), std::move(body), std::move(headers));
}

Reading World::administer(const std::string& path, std::string body, Headers headers) {
  headers.push_back({"authorization", "Bearer " + operator_token});
  headers.push_back({"content-type", "application/json"});
  const auto workspace = get("/v1/workspace").text("id");
  return request("POST", "/v1/admin/workspaces/" + workspace + path + "?environment=test", std::move(body), std::move(headers));
}

std::size_t World::begin_request(std::string method, std::string target, std::string body, Headers headers) {
  return begin(input::Http{{std::move(method), std::move(target), std::move(headers), std::move(body), "192.0.2.1"}});
}

std::size_t World::begin(Input input) {
  open_.emplace_back();
  const auto pending = open_.size() - 1;
  drive(pending, engine_->begin(moment(), std::move(input)));
  return pending;
}

void World::drive(std::size_t pending, Step step) {
  for (;;) {
    if (auto* outcome = std::get_if<Outcome>(&step)) {
      log.insert(log.end(), outcome->log.begin(), outcome->log.end());
      open_[pending].outcome = std::move(*outcome);
      return;
    }
    auto& ask = std::get<Ask>(step);
    open_[pending].session = ask.session;
    count(open_[pending].work, ask.effects);
    std::vector<Reply> replies;
    for (const auto& effect : ask.effects) {
      if (crashes()) return;
      if (const auto* wait = std::get_if<WaitFor>(&effect)) {
        if (store.holds(wait->seen) && now < wait->until) {
          open_[pending].waiting = *wait;
          return;
        }
        replies.emplace_back(Woken{});
      } else if (const auto* outgoing = std::get_if<Outgoing>(&effect)) {
        sent.push_back(*outgoing);
        replies.push_back(receiver(*outgoing));
      } else {
        replies.push_back(store.perform(effect));
      }
      if (crashes()) return;
    }
    count_read(open_[pending].work, replies);
    step = engine_->resume(ask.session, moment(), std::move(replies));
  }
}

void World::count(Work& work, const std::vector<Effect>& effects) {
  const bool waits = std::ranges::any_of(effects, [](const Effect& each) { return std::holds_alternative<WaitFor>(each); });
  if (!waits) ++work.steps;
  for (const auto& effect : effects) {
    if (const auto* commit = std::get_if<Commit>(&effect)) work.rows += commit->ops.size();
  }
  most.steps = std::max(most.steps, work.steps);
  most.rows = std::max(most.rows, work.rows);
}

void World::count_read(Work& work, const std::vector<Reply>& replies) {
  for (const auto& reply : replies) {
    if (const auto* got = std::get_if<Entries>(&reply)) {
      work.rows_read +=
          static_cast<std::size_t>(std::ranges::count_if(got->entries, [](const auto& row) { return row.has_value(); }));
    } else if (const auto* scanned = std::get_if<Scanned>(&reply)) {
      work.rows_read += scanned->entries.size();
    }
  }
  most.rows_read = std::max(most.rows_read, work.rows_read);
}

bool World::crashes() {
  if (!moments_until_crash || (*moments_until_crash)-- > 0) return false;
  moments_until_crash.reset();
  for (auto& each : open_) each.crashed = each.crashed || !each.outcome;
  start_engine();
  return true;
}

void World::resume_woken() {
  for (std::size_t i = 0; i < open_.size(); ++i) {
    const auto& wait = open_[i].waiting;
    if (!wait || open_[i].crashed || (store.holds(wait->seen) && now < wait->until)) continue;
    open_[i].waiting.reset();
    drive(i, engine_->resume(open_[i].session, moment(), {Woken{}}));
  }
}

void World::end_waits() {
  for (std::size_t i = 0; i < open_.size(); ++i) {
    if (!std::exchange(open_[i].waiting, std::nullopt) || open_[i].crashed) continue;
    drive(i, engine_->resume(open_[i].session, moment(), {Failed{"the host is shutting down"}}));
  }
}

bool World::is_open(std::size_t pending) const { return !open_[pending].outcome && !open_[pending].crashed; }

Reading World::end(std::size_t pending) {
  resume_woken();
  while (is_open(pending)) {
    now = open_[pending].waiting->until;
    resume_woken();
  }
  const auto& outcome = open_[pending].outcome;
  return {outcome && outcome->response ? *outcome->response : Response{}};
}

Outcome World::run(Input input) {
  const auto pending = begin(std::move(input));
  return open_[pending].outcome.value_or(Outcome{});
}

Outcome World::visit(const std::string& gate, std::string method, std::string target, Headers headers, std::string client) {
  headers.push_back({"lntpay-gate", gate});
  return run(input::Gate{{std::move(method), std::move(target), std::move(headers), "", std::move(client)}});
}

Outcome World::redeemed(const Outcome& passed, std::uint16_t status, std::string location, std::string price) {
  return run(input::Redeemed{{passed.pass.value_or(Passage{}).redemption, status, std::move(location), std::move(price)}});
}

void World::run_due() {
  constexpr int rounds_max = 1'000;
  for (int round = 0; round < rounds_max; ++round) {
    std::set<std::string> shards;
    for (const auto& [key, entry] : store.rows()) {
      if (key.substr(2, 5) == "/due/") shards.insert(key.substr(0, 2));
    }
    bool worked = false;
    for (const auto& shard : shards) {
      for (const auto& task : run(input::Wake{shard}).tasks) {
        run(input::Task{task});
        worked = true;
      }
    }
    resume_woken();
    if (!worked) return;
  }
  require(false, "due work does not end");
}

void World::pass(Millis span) {
  const auto until = now + span;
  run_due();
  for (;;) {
    // The next due time.
    auto next = until;
    for (const auto& [key, entry] : store.rows()) {
      if (key.substr(2, 5) != "/due/") continue;
      const auto at = due_time(key);
      if (at > now && at < next) next = at;
    }
    now = next;
    run_due();
    if (now >= until) return;
  }
}

}  // namespace lntpay::test
