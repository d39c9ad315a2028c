// What a request costs the engine, natively and as a component; what an instance costs; and where the time of a durable charge
// goes. Prints one JSON object a line: {"name", "ns" or "us", …}; tests/bench/run.mjs makes figures of them.
//
//   engine_bench COMPONENT FOLDER      the component, and an empty folder for compiled code and a database
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "host-adapters/stores/memory/memory_store.hpp"
#include "host-adapters/stores/sqlite/sqlite_store.hpp"
#include "host-adapters/stores/volatile_store.hpp"
#include "host-adapters/wasmtime/config.hpp"
#include "host-adapters/wasmtime/native_instance.hpp"
#include "host-adapters/wasmtime/wasm_instance.hpp"
#include "tests/bench/flow.hpp"

namespace lntpay::bench {
namespace {

using host::Instance;
using host::MakeInstance;
using host::Store;

constexpr std::size_t replays = 1'000;

double micros(Nanos time) { return std::chrono::duration<double, std::micro>(time).count(); }

std::string config() {
  const host::HostSecrets secrets{std::string(64, '1'), std::string(64, '2'), std::string(64, '3'), std::string(64, '4'),
                                  "lnt_operator_bench"};
  return host::engine_config({}, secrets, {.quota = 100'000'000, .window_s = 1}, "http://127.0.0.1:8402");
}

Input request(std::string method, std::string target, const std::string& token, std::string body = {},
              std::vector<Header> more = {}) {
  std::vector<Header> headers{{"host", "127.0.0.1:8402"}, {"authorization", "Bearer " + token}};
  if (!body.empty()) headers.push_back({"content-type", "application/json"});
  headers.insert(headers.end(), more.begin(), more.end());
  return input::Http{{std::move(method), std::move(target), std::move(headers), std::move(body), "127.0.0.1"}};
}

constexpr const char* charge_body = R"({"amount_sats":21,"description":"one API request"})";

std::string between(const std::string& text, std::string_view before, char end) {
  const auto at = text.find(before);
  if (at == std::string::npos) fail_bench("no " + std::string(before) + " in " + text);
  const auto from = at + before.size();
  return text.substr(from, text.find(end, from) - from);
}

std::unique_ptr<Instance> make(const MakeInstance& make_instance) {
  auto made = make_instance();
  if (!made) fail_bench(made.error());
  return std::move(*made);
}

std::string bootstrap(Instance& instance, Store& store, FixedMoments& moments) {
  store.begin_batch();
  const auto made = record(instance, store, moments, "workspace",
                           request("POST", "/v1/admin/workspaces", "lnt_operator_bench", R"({"name":"bench"})"), 201);
  store.end_batch();
  return between(made.answer.body, R"("test":")", '"');
}

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

/// What a quarter of all runs stays below: what others do on this machine only ever adds to a run, so the quick ones tell the
/// price, and the very quickest were lucky.
double lower_quartile(std::vector<double> values) {
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 4);
  std::ranges::nth_element(values, at);
  return *at;
}

/// Native and component take turns, so that whatever else this machine does meets both.
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

/// Charges created one after the other in batches, as a host under load does it, without HTTP.
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
      record(instance, store, moments, "charge", request("POST", "/v1/charges", key, charge_body), 201, &times);
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
