// The engine natively and as a component: equal inputs at equal moments give equal steps, byte for byte. Skipped unless the
// component is at LNTPAY_COMPONENT or build/lntpay.wasm.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <tuple>

#include "host-adapters/common/native_instance.hpp"
#include "host-adapters/server/engine/wasm/wasm_instance.hpp"
#include "host-adapters/server/ops/private_file.hpp"
#include "host-adapters/server/ops/server_config.hpp"
#include "host-adapters/stores/memory/memory_store.hpp"
#include "tests/support/host/store_reply.hpp"
#include "tests/support/host/wasm_in_tests.hpp"

namespace engine_trace_test {
using namespace lntpay;
using namespace lntpay::host;
using lntpay::host::Store;

namespace {

std::filesystem::path component() {
  const char* named = std::getenv("LNTPAY_COMPONENT");
  return named != nullptr ? named : "build/lntpay.wasm";
}

bool cannot_run() { return !testing::wasm_can_run() || !std::filesystem::exists(component()); }

const HostSecrets secrets{std::string(64, '1'), std::string(64, '2'), std::string(64, '3'), std::string(64, '4'),
                          "lnt_operator_trace"};

/// Clock and entropy that repeat.
struct FixedMoments {
  std::uint64_t calls = 0;
  Moment next() {
    ++calls;
    return {UnixMillis{1'800'000'000'000 + calls * 7}, {calls, calls * 3, calls * 5, calls * 7}};
  }
};

/// All members of a passage.
auto parts_of(const std::optional<Passage>& pass) {
  return pass.transform([](const Passage& each) {
    return std::tuple(each.redemption, each.remove, each.add, each.bodiless, each.respond, each.cors, each.good_for_ms);
  });
}

/// Drives both instances side by side, each with a store of its own, and compares every step.
class Pair {
 public:
  Pair(std::unique_ptr<Instance> native, std::unique_ptr<Instance> wasm) : native_(std::move(native)), wasm_(std::move(wasm)) {}

  Outcome run(const Input& input) {
    const Moment at = moments_.next();
    auto native = native_->begin(at, input);
    auto wasm = wasm_->begin(at, input);
    for (int steps = 0; steps < 100; ++steps) {
      REQUIRE(native.has_value());
      REQUIRE(wasm.has_value());
      REQUIRE(native->index() == wasm->index());
      if (auto* done = std::get_if<Outcome>(&*native)) {
        const auto& other = std::get<Outcome>(*wasm);
        CHECK(done->response == other.response);
        CHECK((parts_of(done->pass) == parts_of(other.pass)));
        CHECK(done->tasks == other.tasks);
        CHECK(done->wake == other.wake);
        CHECK(done->subscribe == other.subscribe);
        CHECK(done->log == other.log);
        return std::move(*done);
      }
      const auto& ask = std::get<Ask>(*native);
      const auto& other = std::get<Ask>(*wasm);
      CHECK(ask.session == other.session);
      REQUIRE(ask.effects == other.effects);
      const Moment then = moments_.next();
      auto native_replies = perform(native_store_, ask.effects);
      auto wasm_replies = perform(wasm_store_, other.effects);
      native = native_->resume(ask.session, then, std::move(native_replies));
      wasm = wasm_->resume(other.session, then, std::move(wasm_replies));
    }
    FAIL("a session that does not end");
    return {};
  }

  Response http(std::string method, std::string target, std::string token, std::string body) {
    std::vector<Header> headers{{"content-type", "application/json"}, {"x-odd", "\xC3\xBC"}};
    if (!token.empty()) headers.push_back({"authorization", "Bearer " + token});
    return *run(input::Http{{std::move(method), std::move(target), std::move(headers), std::move(body), "127.0.0.1"}}).response;
  }

 private:
  static std::vector<Reply> perform(MemoryStore& store, const std::vector<Effect>& effects) {
    std::vector<Reply> replies;
    store.begin_batch();
    for (const Effect& effect : effects) {
      if (auto reply = test::store_reply(store, effect)) replies.push_back(std::move(*reply));
      if (std::holds_alternative<Outgoing>(effect)) replies.push_back(Broken{{200, {{"x", "y"}}, "half"}, "broke"});
      if (std::holds_alternative<WaitFor>(effect)) replies.push_back(Woken{});
    }
    REQUIRE(store.end_batch() == Store::BatchEnd::durable);
    return replies;
  }

  std::unique_ptr<Instance> native_;
  std::unique_ptr<Instance> wasm_;
  MemoryStore native_store_;
  MemoryStore wasm_store_;
  FixedMoments moments_;
};

Pair make_pair_of_engines() {
  ServeOptions options;
  options.sandbox = true;
  const std::string config = engine_config(options, secrets, {}, "http://127.0.0.1:8402");
  auto engine = WasmEngine::load(component(), std::filesystem::temp_directory_path(), {});
  REQUIRE(engine.has_value());
  auto native = native_instances(config)();
  auto wasm = wasm_instances(*engine, config)();
  REQUIRE(native.has_value());
  REQUIRE(wasm.has_value());
  return {std::move(*native), std::move(*wasm)};
}

}  // namespace

TEST_CASE("the native engine and the component take the same steps" * doctest::skip(cannot_run())) {
  using nlohmann::json;
  Pair pair = make_pair_of_engines();
  const auto made = pair.http("POST", "/v1/admin/workspaces", secrets.operator_token, R"({"name":"trace"})");
  REQUIRE(made.status == 201);
  const std::string key = json::parse(made.body)["api_keys"]["test"];
  CHECK(pair.http("POST", "/v1/webhook_endpoints", key, R"({"url":"http://127.0.0.1:9/hook"})").status == 201);
  const auto charge = pair.http("POST", "/v1/charges", key, R"({"amount_sats":1000,"description":"trace"})");
  REQUIRE(charge.status == 201);
  const std::string id = json::parse(charge.body)["id"];
  CHECK(pair.http("POST", "/v1/sandbox/charges/" + id + "/pay", key, "{}").status == 200);
  CHECK(json::parse(pair.http("GET", "/v1/balance", key, "").body)["available_sats"] == 1000);
  CHECK(pair.http("GET", "/v1/charges/" + id + "?wait=1", key, "").status == 200);
  for (const Outcome& woken : {pair.run(input::Wake{id.substr(3, 2)})})
    for (const std::string& task : woken.tasks) pair.run(input::Task{task});
}

TEST_CASE("failing requests fail alike natively and in the component" * doctest::skip(cannot_run())) {
  Pair pair = make_pair_of_engines();
  CHECK(pair.http("GET", "/v1/balance", "", "").status == 401);
  CHECK(pair.http("POST", "/v1/charges", "lnt_test_nonsense", "{").status == 401);
  CHECK(pair.http("BREW", "/coffee", "", std::string(1'000, '[')).status >= 400);
  for (const auto why :
       {Refusal::malformed, Refusal::not_utf8, Refusal::timed_out, Refusal::body_too_large, Refusal::target_too_long,
        Refusal::headers_too_large, Refusal::coding, Refusal::overloaded, Refusal::storage_down, Refusal::engine_lost})
    CHECK(pair.run(input::Refused{why}).response->status >= 400);
}

TEST_CASE("a file that is not an engine component is refused") {
  const auto path = std::filesystem::temp_directory_path() / "lntpay-not-a-component.wasm";
  REQUIRE(write_private_file(path, "not wasm"));
  CHECK_FALSE(WasmEngine::load(path, std::filesystem::temp_directory_path(), {}));
  const auto refusal_of = [&](const std::string& text) {
    wasm_byte_vec_t bytes{};
    auto* error = wasmtime_wat2wasm(text.data(), text.size(), &bytes);
    REQUIRE(error == nullptr);
    REQUIRE(write_private_file(path, std::string(bytes.data, bytes.size)));
    wasm_byte_vec_delete(&bytes);
    const auto loaded = WasmEngine::load(path, "/nonexistent", {});
    REQUIRE_FALSE(loaded.has_value());
    return loaded.error().substr(loaded.error().find(": ") + 2);
  };
  CHECK(refusal_of("(component)") ==
        "it does not export lntpay:edge/engine@0.1.0: pass this version's lntpay.wasm with --component");
  CHECK(refusal_of("(component (import \"f\" (func)))") ==
        "the component has imports, but the engine component has none: pass this version's lntpay.wasm with --component");
  std::filesystem::remove(path);
}

}  // namespace engine_trace_test
