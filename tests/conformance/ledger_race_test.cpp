// 64 threads on one workspace's ledger over SQLite: sessions that interleave at every effect, and requests to the server's worker.
// Also built with the thread sanitizer.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <mutex>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "host-adapters/common/native_instance.hpp"
#include "host-adapters/server/engine/worker.hpp"
#include "host-adapters/server/ops/server_config.hpp"
#include "host-adapters/stores/sqlite/sqlite_store.hpp"
#include "host-adapters/stores/volatile_store.hpp"
#include "tests/conformance/ledger_client.hpp"
#include "tests/conformance/store_conformance.hpp"

namespace lntpay::test {
namespace {

constexpr int writers = 64;

void at_once(const std::function<void(int)>& work) {
  std::vector<std::thread> threads;
  threads.reserve(writers);
  for (int i = 0; i < writers; ++i) threads.emplace_back(work, i);
  for (auto& thread : threads) thread.join();
}

/// One store for many threads: each effect is its own batch, and a session yields before the next, so that others run
class Shared {
 public:
  explicit Shared(const std::string& path) : store_(path) {}

  Reply perform(const Effect& effect) {
    const std::lock_guard lock(mutex_);
    store_.begin_batch();
    auto reply = test::perform(store_, effect);
    if (store_.end_batch() == host::Store::BatchEnd::lost) return Failed{"lost"};
    if (std::holds_alternative<Conflict>(reply)) ++conflicts_;
    return reply;
  }
  LedgerClient client(int number) {
    std::minstd_rand random(static_cast<unsigned>(number) + 1);
    return {static_cast<std::uint64_t>(number) + 1, [this, random](const Effect& effect) mutable {
              auto reply = perform(effect);
              std::this_thread::sleep_for(std::chrono::microseconds(random() % 200));
              return reply;
            }};
  }
  [[nodiscard]] int conflicts() const { return conflicts_; }

 private:
  std::mutex mutex_;
  host::SqliteStore store_;
  int conflicts_ = 0;
};

/// Retries while concurrent writers cause too many conflicts.
Result<bool> persistent(LedgerClient& client, const std::string& cause, const Transfer& transfer) {
  for (;;) {
    auto done = client.post(cause, transfer);
    if (done || done.error().code != ErrorCode::overloaded) return done;
  }
}

class NoFetching final : public host::Fetching {
 public:
  void fetch(Outgoing, Done done) override { done(NotSent{"none in this test"}); }
};

/// The server's worker, used by many threads.
class Service {
 public:
  explicit Service(const std::string& path)
      : worker_({}, std::make_unique<host::VolatileStore>(std::make_unique<host::SqliteStore>(path)),
                host::native_instances(host::engine_config(options(), secrets, {1'000'000, 1}, "http://127.0.0.1:8402")), fetching_,
                log_, metrics_) {
    REQUIRE(worker_.start());
  }

  nlohmann::json ask(std::string method, std::string target, std::string token, std::string body, int status) {
    std::promise<Outcome> answered;
    const std::vector<Header> headers{{"authorization", "Bearer " + token}, {"content-type", "application/json"}};
    worker_.submit(input::Http{{std::move(method), std::move(target), headers, std::move(body), "127.0.0.1"}},
                   [&answered](Outcome outcome) { answered.set_value(std::move(outcome)); });
    const auto outcome = answered.get_future().get();
    if (!outcome.response || outcome.response->status != status) ++wrong_;
    return outcome.response ? nlohmann::json::parse(outcome.response->body, nullptr, false) : nlohmann::json();
  }
  [[nodiscard]] int wrong() const { return wrong_; }

  inline static const host::HostSecrets secrets{std::string(64, '1'), std::string(64, '2'), std::string(64, '3'),
                                                std::string(64, '4'), "lnt_operator_race"};

 private:
  static host::ServeOptions options() {
    host::ServeOptions options;
    options.sandbox = true;
    return options;
  }

  NoFetching fetching_;
  host::Log log_{host::LogLevel::off};
  host::Metrics metrics_;
  std::atomic<int> wrong_{0};
  host::Worker worker_;
};

}  // namespace

TEST_SUITE_BEGIN("ledger: races");

TEST_CASE("64 writers never lock more than the balance, each transfer once, chain intact") {
  constexpr int locks_each = 5;
  constexpr int covered = 250;  // of 320 that are asked for
  const TempFolder folder;
  const auto path = folder.file("store.db");
  std::atomic<int> locked{0};
  std::atomic<int> refused{0};
  std::atomic<int> shared_by_me{0};
  std::atomic<int> other{0};
  {
    Shared shared(path);
    auto bank = shared.client(writers);
    REQUIRE(*bank.post("fund", {.type = EntryType::charge_credit, .available_msat = covered * 1'000}));
    at_once([&](int number) {
      auto client = shared.client(number);
      for (int i = 0; i < locks_each; ++i) {
        const auto cause = "lock " + std::to_string(number) + " " + std::to_string(i);
        const auto done =
            persistent(client, cause, {.type = EntryType::withdrawal_lock, .available_msat = -1'000, .locked_msat = 1'000});
        if (done)
          ++locked;
        else if (done.error().code == ErrorCode::insufficient_funds)
          ++refused;
        else
          ++other;
        // The same cause for all of them: one of 64 makes it happen.
        const auto common = persistent(client, "common " + std::to_string(i), {.type = EntryType::adjustment});
        if (common && *common)
          ++shared_by_me;
        else if (!common)
          ++other;
      }
    });
    MESSAGE(shared.conflicts() << " conflicts");
    CHECK(shared.conflicts() > writers);
  }
  CHECK(other.load() == 0);
  CHECK(locked.load() == covered);
  CHECK(refused.load() == writers * locks_each - covered);
  CHECK(shared_by_me.load() == locks_each);

  Shared reopened(path);
  const auto proof = reopened.client(1).verify();
  REQUIRE(proof.has_value());
  CHECK_MESSAGE(proof->ok, proof->problem);
  CHECK(proof->folded.entries == 1 + covered + locks_each);
  CHECK(proof->folded.available == Msat{0});
  CHECK(proof->folded.locked == Msat{covered * 1'000});
}

TEST_CASE("64 clients pay charges of one workspace: each payment is credited once") {
  constexpr int charges_each = 4;
  const TempFolder folder;
  const auto path = folder.file("store.db");
  std::string key;
  std::string common;
  {
    Service service(path);
    const auto made = service.ask("POST", "/v1/admin/workspaces", Service::secrets.operator_token, R"({"name":"race"})", 201);
    key = made.at("api_keys").at("test");
    common = service.ask("POST", "/v1/charges", key, R"({"amount_msat":7})", 201).at("id");
    std::atomic<int> paid_common{0};
    at_once([&](int) {
      for (int i = 0; i < charges_each; ++i) {
        const std::string id = service.ask("POST", "/v1/charges", key, R"({"amount_sats":1})", 201).value("id", "");
        service.ask("POST", "/v1/sandbox/charges/" + id + "/pay", key, "{}", 200);
      }
      const auto paid = service.ask("GET", "/v1/charges/" + common, key, "", 200).value("status", "") == "paid";
      if (!paid && service.ask("POST", "/v1/sandbox/charges/" + common + "/pay", key, "{}", 200).value("status", "") == "paid") {
        ++paid_common;
      }
    });
    CHECK(paid_common.load() >= 1);
  }
  Service reopened(path);
  const auto proof = reopened.ask("GET", "/v1/ledger/verify", key, "", 200);
  CHECK(proof.value("ok", false));
  CHECK(proof.value("entries", 0) == writers * charges_each + 1);
  const auto balance = reopened.ask("GET", "/v1/balance", key, "", 200);
  CHECK(balance.value("available_msat", 0) == writers * charges_each * 1'000 + 7);
  CHECK(reopened.ask("GET", "/v1/ledger?reference=" + common, key, "", 200).at("data").size() == 1);
}

TEST_SUITE_END();

}  // namespace lntpay::test
