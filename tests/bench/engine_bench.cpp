// Measures the engine's time for a request, natively and as a component; the cost of an instance; and the parts of a durable
// charge's time. Prints one JSON object per line: {"name", "ns" or "us", …}; tests/bench/bench.mjs makes figures of them.
//
//   engine_bench COMPONENT FOLDER      the component, and an empty folder for compiled code and a database
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "host-adapters/common/native_instance.hpp"
#include "host-adapters/server/engine/wasm/wasm_instance.hpp"
#include "host-adapters/server/ops/server_config.hpp"
#include "host-adapters/stores/memory/memory_store.hpp"
#include "host-adapters/stores/sqlite/sqlite_store.hpp"
#include "host-adapters/stores/volatile_store.hpp"
#include "tests/bench/client.hpp"
#include "tests/bench/flow.hpp"

namespace lntpay::bench {
namespace {

using host::Instance;
using host::MakeInstance;
using host::Store;

constexpr std::size_t replays = 1'000;

constexpr const char* charge_body = R"({"amount_sats":21,"description":"one API request"})";

std::vector<Recording> record_all(Instance& instance) {
  host::MemoryStore store;
  FixedMoments moments;
  const auto key = bootstrap(instance, store, moments);
  std::vector<Recording> all;
  const auto add = [&](std::string name, Input input, std::uint16_t status) {
    store.begin_batch();
    all.push_back(record(instance, store, moments, std::move(name), std::move(input), status));
    store.end_batch();
    moments.pass(Millis{10});
  };
  add("GET /v1/balance", request("GET", "/v1/balance", key), 200);
  add("POST /v1/charges", request("POST", "/v1/charges", key, charge_body), 201);
  const auto id = between(all.back().answer.body, R"("id":")", '"');
  add("POST /v1/charges, idempotent", request("POST", "/v1/charges", key, charge_body, {{"idempotency-key", "bench-1"}}), 201);
  add("GET /v1/charges/{charge}", request("GET", "/v1/charges/" + id, key), 200);
  add("POST /v1/sandbox/charges/{charge}/pay", request("POST", "/v1/sandbox/charges/" + id + "/pay", key), 200);
  return all;
}

/// Native and component take turns, so that other load on the machine affects both alike.
void compare(const std::vector<Recording>& all, Instance& native, Instance& component) {
  for (const auto& recording : all) {
    std::vector<double> native_ns, component_ns;
    for (std::size_t i = 0; i < replays; ++i) {
      native_ns.push_back(static_cast<double>(replay(native, recording).count()));
      component_ns.push_back(static_cast<double>(replay(component, recording).count()));
    }
    const auto [natively, as_component] = std::pair(lower_quartile(native_ns), lower_quartile(component_ns));
    std::printf(R"({"name":"request","request":"%s","native_ns":%.0f,"component_ns":%.0f,"ratio":%.3f,"steps":%zu,"effects":%zu})"
                "\n",
                recording.name.c_str(), natively, as_component, as_component / natively, recording.rounds.size() + 1,
                recording.effects);
  }
}

struct PassNs {
  double checked;      ///< a valid timed pass, on an instance with the gate in its cache
  double turned_away;  ///< the same arguments without a gate: the cost of arguments and result alone
};

/// Neither has an effect on the store.
PassNs pass_ns(Instance& instance) {
  host::MemoryStore store;
  FixedMoments moments;
  LiveTimes times;
  const auto key = bootstrap(instance, store, moments);
  store.begin_batch();
  const auto made =
      ask(instance, store, moments,
          request("POST", "/v1/gates", key,
                  R"({"price_sats":7,"match":{"method":"GET","path":"/reports/*"},"mode":"pass","ttl_seconds":3600})"),
          201, times);
  const auto gate = between(made.body, R"("id":")", '"');
  const auto visit_at = [](const std::string& which, std::string authorization) {
    Request asked{.method = "GET",
                  .target = "/reports/7",
                  .headers = {{"host", "127.0.0.1"}, {"accept", "*/*"}, {"lntpay-gate", which}},
                  .body = {},
                  .client = "192.0.2.1"};
    if (!authorization.empty()) asked.headers.push_back({"authorization", std::move(authorization)});
    return Input{input::Gate{std::move(asked)}};
  };
  const auto visit = [&](std::string authorization) { return visit_at(gate, std::move(authorization)); };
  const auto offer = ask(instance, store, moments, visit({}), 402, times).headers;
  const auto line = std::ranges::find(offer, "www-authenticate", &Header::name)->value;
  const auto paid =
      ask(instance, store, moments,
          request("POST", "/v1/sandbox/wallet/pay", key, R"({"bolt11":")" + between(line, "invoice=\"", '"') + "\"}"), 200, times);
  const auto credential = "L402 " + between(line, "token=\"", '"') + ":" + between(paid.body, R"("preimage":")", '"');
  ask(instance, store, moments, visit(credential), 204, times);
  const auto checked = record(instance, store, moments, "a pass", visit(credential), 204);
  const auto turned_away = record(instance, store, moments, "no gate", visit_at(std::string(gate.size(), '-'), credential), 404);
  store.end_batch();
  const auto measure = [&](const Recording& recording) {
    if (recording.effects > 0) fail_bench(recording.name + " asks the store");
    std::vector<double> each;
    for (std::size_t i = 0; i < replays; ++i) each.push_back(static_cast<double>(replay(instance, recording).count()));
    return lower_quartile(each);
  };
  return {measure(checked), measure(turned_away)};
}

void time_instances(const MakeInstance& make_instance) {
  constexpr std::size_t instances = 200;
  std::vector<double> each;
  for (std::size_t i = 0; i < instances; ++i) {
    const auto from = Clock::now();
    make(make_instance);
    each.push_back(micros(Clock::now() - from));
  }
  std::ranges::sort(each);
  std::printf(R"({"name":"instantiate","us":%.2f,"p99_us":%.2f})"
              "\n",
              each[instances / 2], each[instances * 99 / 100]);
}

/// Charges created one after the other in batches, as in a host under load, without HTTP.
void split_durable(const char* engine, Instance& instance, std::unique_ptr<Store> durable, const char* store_name,
                   std::size_t batch) {
  host::VolatileStore store(std::move(durable));
  FixedMoments moments;
  const auto key = bootstrap(instance, store, moments);
  const std::size_t batches = std::max<std::size_t>(2'000 / batch, 60) / (batch == 1 ? 10 : 1);
  const auto n = static_cast<double>(batch);
  std::vector<double> engine_us, effects_us, end_us;
  for (std::size_t i = 0; i < batches; ++i) {
    LiveTimes times;
    store.begin_batch();
    for (std::size_t j = 0; j < batch; ++j)
      ask(instance, store, moments, request("POST", "/v1/charges", key, charge_body), 201, times);
    const auto from = Clock::now();
    if (store.end_batch() == Store::BatchEnd::lost) fail_bench("a batch was lost");
    end_us.push_back(micros(Clock::now() - from) / n);
    engine_us.push_back(micros(times.engine) / n);
    effects_us.push_back(micros(times.store) / n);
    moments.pass(Millis{5});
  }
  std::printf(R"({"name":"durable","engine":"%s","store":"%s","batch":%zu,"engine_us":%.1f,"effects_us":%.1f,"end_batch_us":%.1f})"
              "\n",
              engine, store_name, batch, lower_quartile(engine_us), lower_quartile(effects_us), lower_quartile(end_us));
}

int run(const std::filesystem::path& component, const std::filesystem::path& folder) {
  const auto began = Clock::now();
  auto engine = host::WasmEngine::load(component, folder, {});
  if (!engine) fail_bench(engine.error());
  const auto compiled = Clock::now();
  auto again = host::WasmEngine::load(component, folder, {});
  if (!again) fail_bench(again.error());
  std::printf(R"({"name":"load","compile_us":%.0f,"cached_us":%.0f})"
              "\n",
              micros(compiled - began), micros(Clock::now() - compiled));
  const auto natives = host::native_instances(config());
  const auto components = host::wasm_instances(*engine, config());
  time_instances(components);
  const auto native = make(natives);
  const auto component_instance = make(components);
  compare(record_all(*native), *native, *component_instance);
  const auto natively = pass_ns(*native);
  const auto in_component = pass_ns(*component_instance);
  std::printf(R"({"name":"pass","native_ns":%.0f,"component_ns":%.0f,"check_ns":%.0f})"
              "\n",
              natively.checked, in_component.checked, in_component.checked - in_component.turned_away);
  const auto sqlite = [&](const char* name) { return std::make_unique<host::SqliteStore>((folder / name).string()); };
  split_durable("native", *native, std::make_unique<host::MemoryStore>(), "memory", 32);
  split_durable("native", *native, sqlite("native-32.db"), "sqlite", 32);
  split_durable("wasm", *component_instance, sqlite("wasm-32.db"), "sqlite", 32);
  split_durable("wasm", *component_instance, sqlite("wasm-1.db"), "sqlite", 1);
  return 0;
}

}  // namespace
}  // namespace lntpay::bench

int main(int argc, char** argv) {
  if (argc != 3) lntpay::bench::fail_bench("usage: engine_bench COMPONENT FOLDER");
  return lntpay::bench::run(argv[1], argv[2]);
}
