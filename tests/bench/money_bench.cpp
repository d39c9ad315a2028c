// Measures money operations in ONE workspace, over SQLite, in batches as in a host under load: settlements credited, withdrawals
// locked, and the same requests in a grown store. Prints one JSON object per line; tests/bench/bench.mjs makes figures of
// them.
//
//   money_bench rates COMPONENT FOLDER         credits and locks per second, native and component
//   money_bench growth CHARGES FOLDER          requests in an empty store and in one with CHARGES paid charges
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/encoding.hpp"
#include "core/charge/charge.hpp"
#include "core/ledger/ledger_entry.hpp"
#include "core/tenant/due_work.hpp"
#include "host-adapters/common/native_instance.hpp"
#include "host-adapters/server/engine/wasm/wasm_instance.hpp"
#include "host-adapters/stores/sqlite/sqlite_store.hpp"
#include "host-adapters/stores/volatile_store.hpp"
#include "tests/bench/client.hpp"

namespace lntpay::bench {
namespace {

using host::Instance;
using host::Store;

constexpr std::size_t inputs_a_batch = 64;

/// CPU time, because other load on the machine would dominate a p99 of wall time.
double thread_us() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

/// A workspace on SQLite, and operations on it.
class Shop {
 public:
  Shop(Instance& instance, const std::string& file)
      : instance_(instance), store_(std::make_unique<host::SqliteStore>(file)), key_(bootstrap(instance, store_, moments_)) {}

  struct Cost {
    std::vector<double> each_us;  ///< CPU time of each input, without the end of its batch
    double total_s = 0;           ///< wall time of all, with every fsync
    [[nodiscard]] double a_second() const { return static_cast<double>(each_us.size()) / total_s; }
  };

  /// Runs the inputs one after the other, in batches.
  Cost run(std::size_t count, const std::function<Input(std::size_t)>& input, const std::function<void(const Outcome&)>& seen) {
    Cost cost;
    for (std::size_t done = 0; done < count;) {
      const auto size = std::min(inputs_a_batch, count - done);
      const auto began = Clock::now();
      store_.begin_batch();
      for (const auto end = done + size; done < end; ++done) {
        LiveTimes times;
        const auto from = thread_us();
        seen(live(instance_, store_, moments_, input(done), times));
        cost.each_us.push_back(thread_us() - from);
      }
      if (store_.end_batch() == Store::BatchEnd::lost) fail_bench("a batch was lost");
      cost.total_s += micros(Clock::now() - began) / 1e6;
      moments_.pass(Millis{5});
    }
    return cost;
  }

  Cost requests(
      std::size_t count, std::uint16_t status, const std::function<Input(std::size_t)>& input,
      const std::function<void(const std::string&)>& seen = [](const auto&) {}) {
    return run(count, input, [&](const Outcome& outcome) {
      const auto answer = outcome.response.value_or(Response{});
      if (answer.status != status) fail_bench(std::to_string(answer.status) + " " + answer.body);
      seen(answer.body);
    });
  }

  [[nodiscard]] Input post(const std::string& target, const std::string& body = {}, std::vector<Header> more = {}) const {
    return request("POST", target, key_, body, std::move(more));
  }
  [[nodiscard]] Input get(const std::string& target) const { return request("GET", target, key_); }

  Cost create(std::size_t count, std::vector<std::string>& ids) {
    const auto remember = [&](const std::string& body) { ids.push_back(between(body, R"("id":")", '"')); };
    return requests(
        count, 201, [&](std::size_t) { return post("/v1/charges", R"({"amount_sats":21,"expires_in":86400})"); }, remember);
  }
  Cost pay(const std::vector<std::string>& ids, const std::string& body = {}) {
    return requests(ids.size(), 200, [&](std::size_t i) { return post("/v1/sandbox/charges/" + ids[i] + "/pay", body); });
  }

  /// Runs all due work, page by page as in a host.
  Cost run_due() {
    Cost all;
    for (;;) {
      std::vector<std::string> due;
      run(1, [&](std::size_t) { return input::Wake{shard()}; }, [&](const Outcome& outcome) { due = outcome.tasks; });
      if (due.empty()) return all;
      const auto page = run(
          due.size(), [&](std::size_t i) { return input::Task{due[i]}; },
          [](const Outcome& outcome) {
            if (!outcome.log.empty()) fail_bench(outcome.log.front());
          });
      all.each_us.insert(all.each_us.end(), page.each_us.begin(), page.each_us.end());
      all.total_s += page.total_s;
    }
  }

  /// Like `run`, with a batch for each input.
  Cost run_each(std::size_t count, const std::function<Input(std::size_t)>& input) {
    Cost cost;
    for (std::size_t i = 0; i < count; ++i) {
      const auto one = run(
          1, [&](std::size_t) { return input(i); },
          [](const Outcome& outcome) {
            if (outcome.response) fail_bench("lines of the node were not taken");
          });
      cost.total_s += one.total_s;
    }
    return cost;
  }

  void put(WriteBatch batch) {
    store_.begin_batch();
    if (!std::holds_alternative<Committed>(store_.commit(batch.take_commit()))) fail_bench("a row was not put");
    if (store_.end_batch() == Store::BatchEnd::lost) fail_bench("a batch was lost");
  }
  [[nodiscard]] UnixMillis now() { return moments_.next().now; }
  /// The workspace of charges at a node.
  [[nodiscard]] TenantScope live_tenant() {
    if (live_) return *live_;
    requests(
        1, 200, [&](std::size_t) { return get("/v1/workspace"); },
        [&](const std::string& body) {
          live_ = TenantScope{Environment::live, *WorkspaceId::parse(between(body, R"("id":")", '"'))};
        });
    return *live_;
  }
  [[nodiscard]] std::uint64_t live_available_msat() {
    store_.begin_batch();
    const auto reply = store_.get({{account_key(*live_)}});
    store_.end_batch();
    const auto* rows = std::get_if<Entries>(&reply);
    const auto head = rows != nullptr && rows->entries[0] ? from_row<AccountState>(rows->entries[0]->value)
                                                          : Result<AccountState>(AccountState{});
    return head ? head->available.value : 0;
  }

  [[nodiscard]] std::uint64_t available_msat() {
    std::string balance;
    requests(1, 200, [&](std::size_t) { return get("/v1/balance"); }, [&](const std::string& body) { balance = body; });
    return std::stoull(between(balance, R"("available_msat":)", ','));
  }
  void pass(Millis span) { moments_.pass(span); }

 private:
  [[nodiscard]] std::string shard() const { return Engine{}.place(get("/v1/balance")); }

  Instance& instance_;
  FixedMoments moments_;
  host::VolatileStore store_;
  std::string key_;
  std::optional<TenantScope> live_;
};

constexpr std::size_t sample = 4'000;
constexpr std::size_t lines_a_batch = 256;  ///< the maximum of a host (wit/edge.wit, `node-events`)

/// A pending charge of the workspace at the operator's node.
Charge put_live_charge(WriteBatch& batch, const TenantScope& tenant, UnixMillis now, Random& random) {
  Charge charge{.id = ChargeId::generate(tenant.shard(), now, random),
                .status = ChargeStatus::pending,
                .amount = 21_sat,
                .payment_hash = random.bytes32(),
                .bolt11 = std::string(300, 'q'),
                .created_at = now,
                .expires_at = now + hours(24),
                .due_at = now + hours(24)};
  batch.create(charge_key(tenant, charge.id), to_row(charge));
  batch.create(finder_key(Environment::live, charge.payment_hash), to_row(ChargeFinder{tenant.workspace, charge.id}));
  batch.create(due_key({"charge", tenant, charge.id.text()}, charge.due_at), "");
  put_indexes(batch, tenant, charge);
  return charge;
}

/// The line of lnd's stream for its payment.
std::string settled_line(const Charge& charge, std::uint64_t index) {
  return R"({"result":{"memo":"one API request","r_hash":")" + base64(Base64::standard, charge.payment_hash) +
         R"(","value_msat":"21000","creation_date":"1799999000","settle_date":"1800000000","payment_request":")" + charge.bolt11 +
         R"(","description_hash":"","expiry":"86400","add_index":"3","settle_index":")" + std::to_string(index) +
         R"(","amt_paid_msat":"21000","state":"SETTLED","htlcs":[{"state":"SETTLED"}],"features":{}}})";
}

void say(const char* what, const char* engine, const Shop::Cost& cost) {
  std::printf(R"({"name":"rate","what":"%s","engine":"%s","a_second":%.0f,"count":%zu,"cpu_p50_us":%.1f,"cpu_p99_us":%.1f})"
              "\n",
              what, engine, cost.a_second(), cost.each_us.size(), percentile(cost.each_us, 0.5), percentile(cost.each_us, 0.99));
  std::fflush(stdout);
}

/// Credits paid charges by their tasks; then locks withdrawals.
void rates(const char* engine, Instance& instance, const std::string& file) {
  Shop shop(instance, file);
  std::vector<std::string> ids, invoices;
  shop.create(sample, ids);
  shop.pay(ids, R"({"delay_ms":1000})");
  shop.pass(seconds(2));
  say("settlements credited", engine, shop.run_due());
  if (shop.available_msat() != sample * 21'000) fail_bench("not every payment was credited once");
  shop.requests(
      sample, 201, [&](std::size_t) { return shop.post("/v1/sandbox/invoices", R"({"amount_sats":1,"behavior":"slow"})"); },
      [&](const std::string& body) { invoices.push_back(between(body, R"("bolt11":")", '"')); });
  say("withdrawals locked", engine, shop.requests(sample, 202, [&](std::size_t i) {
    return shop.post("/v1/withdrawals", R"({"max_fee_sats":2,"bolt11":")" + invoices[i] + R"("})",
                     {{"idempotency-key", "bench-" + std::to_string(i)}});
  }));
  if (shop.available_msat() != sample * (21'000 - 3'000)) fail_bench("not every withdrawal was locked once");
}

/// Credits payments of one workspace from the node's stream, in batches of lines that are each made durable.
void stream_rate(const char* engine, Instance& instance, const std::string& file) {
  Shop shop(instance, file);
  Random random({1, 2, 3, 4});
  std::vector<std::vector<std::string>> batches;
  for (std::size_t made = 0; made < sample;) {
    auto& lines = batches.emplace_back();
    for (; lines.size() < lines_a_batch && made < sample; ++made) {
      WriteBatch batch;
      lines.push_back(settled_line(put_live_charge(batch, shop.live_tenant(), shop.now(), random), made + 1));
      shop.put(std::move(batch));
    }
  }
  const auto cost = shop.run_each(batches.size(), [&](std::size_t i) { return input::NodeEvents{batches[i]}; });
  std::printf(R"({"name":"rate","what":"settlements credited, from the node's stream","engine":"%s","a_second":%.0f,"count":%zu})"
              "\n",
              engine, static_cast<double>(sample) / cost.total_s, sample);
  std::fflush(stdout);
  if (shop.live_available_msat() != sample * 21'000) fail_bench("not every payment of the stream was credited once");
}

/// Runs the same requests on an empty and a grown store, in turn.
void probe(Shop& shop, std::size_t charges) {
  std::vector<std::string> ids;
  const auto tell = [&](const char* what, const Shop::Cost& cost) {
    std::printf(R"({"name":"growth","what":"%s","charges":%zu,"cpu_p50_us":%.1f,"cpu_p99_us":%.1f})"
                "\n",
                what, charges, percentile(cost.each_us, 0.5), percentile(cost.each_us, 0.99));
    std::fflush(stdout);
  };
  tell("POST /v1/charges", shop.create(sample, ids));
  tell("POST /v1/sandbox/charges/{charge}/pay", shop.pay(ids));
  tell("GET /v1/charges/{charge}", shop.requests(sample, 200, [&](std::size_t i) { return shop.get("/v1/charges/" + ids[i]); }));
  tell("GET /v1/charges?status=paid", shop.requests(sample, 200, [&](std::size_t) { return shop.get("/v1/charges?status=paid"); }));
  tell("GET /v1/balance", shop.requests(sample, 200, [&](std::size_t) { return shop.get("/v1/balance"); }));
}

void grow(Shop& shop, std::size_t charges) {
  constexpr std::size_t portion = 8'192;
  for (std::size_t made = 0; made < charges; made += portion) {
    std::vector<std::string> ids;
    shop.create(std::min(portion, charges - made), ids);
    shop.pay(ids);
    if (isatty(STDERR_FILENO) != 0) std::fprintf(stderr, "\rgrowth: %zu of %zu charges", made, charges);
  }
  if (isatty(STDERR_FILENO) != 0) std::fprintf(stderr, "\r\x1b[K");
}

int run_rates(const std::filesystem::path& component, const std::filesystem::path& folder) {
  const auto engine = host::WasmEngine::load(component, folder, {});
  if (!engine) fail_bench(engine.error());
  const auto native = make(host::native_instances(config()));
  const auto component_instance = make(host::wasm_instances(*engine, config()));
  rates("native", *native, folder / "rates-native.db");
  rates("component", *component_instance, folder / "rates-component.db");
  stream_rate("native", *native, folder / "stream-native.db");
  stream_rate("component", *component_instance, folder / "stream-component.db");
  return 0;
}

int run_growth(std::size_t charges, const std::filesystem::path& folder) {
  const auto instance = make(host::native_instances(config()));
  Shop shop(*instance, folder / "growth.db");
  probe(shop, 0);
  grow(shop, charges);
  probe(shop, charges);
  return 0;
}

}  // namespace
}  // namespace lntpay::bench

int main(int argc, char** argv) {
  using namespace lntpay::bench;
  const std::vector<std::string> args(argv + 1, argv + argc);
  if (args.size() == 3 && args[0] == "rates") return run_rates(args[1], args[2]);
  if (args.size() == 3 && args[0] == "growth") return run_growth(std::stoul(args[1]), args[2]);
  fail_bench("usage: money_bench rates COMPONENT FOLDER | growth CHARGES FOLDER");
}
