// Faults inside wasm: the instance is stopped, its sessions are answered, and the next instance works. Skipped without the
// component of tests/component/faulty.cpp, which the target `tests` of the wasm preset builds.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "host-adapters/server/engine/sessions.hpp"
#include "host-adapters/server/engine/wasm/wasm_instance.hpp"
#include "host-adapters/server/ops/server_config.hpp"
#include "host-adapters/stores/memory/memory_store.hpp"
#include "tests/support/host/wasm_in_tests.hpp"

namespace wasm_faults_test {
using namespace lntpay;
using namespace lntpay::host;
using namespace std::chrono_literals;

namespace {

std::filesystem::path component() {
  const char* preset = std::getenv("WASM_PRESET");
  return std::filesystem::path("build") / (preset != nullptr ? preset : "wasm") / "faulty.wasm";
}

bool cannot_run() { return !testing::wasm_can_run() || !std::filesystem::exists(component()); }

MakeInstance instances() {
  const WasmLimits limits{.memory_bytes_max = 64ULL << 20, .call_time_max = 300ms};
  auto engine = WasmEngine::load(component(), std::filesystem::temp_directory_path(), limits);
  REQUIRE(engine.has_value());
  const HostSecrets secrets{std::string(64, '1'), std::string(64, '2'), std::string(64, '3'), std::string(64, '4'),
                            "lnt_operator_x"};
  return wasm_instances(*engine, engine_config({}, secrets, {}, "http://127.0.0.1:8402"));
}

Input get(std::string target) { return input::Http{{"GET", std::move(target), {}, {}, "127.0.0.1"}}; }

/// How the instance ends over this request.
std::string trap_of(const MakeInstance& make, std::string target) {
  Moments moments;
  const auto instance = make();
  REQUIRE(instance.has_value());
  const auto step = (*instance)->begin(moments.next(), get(std::move(target)));
  return step ? "no trap" : step.error().reason;
}

}  // namespace

TEST_CASE("a deadline, the memory limit and a trap each stop an instance" * doctest::skip(cannot_run())) {
  const auto make = instances();
  const auto began = std::chrono::steady_clock::now();
  CHECK(trap_of(make, "/test/spin").find("interrupt") != std::string::npos);
  CHECK(std::chrono::steady_clock::now() - began >= 200ms);
  CHECK(trap_of(make, "/test/grow").find("unreachable") != std::string::npos);
  CHECK(trap_of(make, "/test/trap").find("unreachable") != std::string::npos);
}

TEST_CASE("sessions of a trapped instance are answered; the next request works" * doctest::skip(cannot_run())) {
  MemoryStore store;
  const Log log{LogLevel::off};
  Metrics metrics;
  Sessions sessions(store, instances(), Isolation::shared, {}, log, metrics);
  Ticket ticket = 0;
  const auto answer_to = [&](std::string target) {
    Response response;
    sessions.begin(++ticket, get(std::move(target)), [&](Outcome outcome) { response = *outcome.response; });
    for (auto& each : sessions.end_batch().answers) each.answer(std::move(each.outcome));
    return response;
  };
  std::uint64_t lost = 0;
  for (const char* target : {"/test/spin", "/test/grow", "/test/trap"}) {
    CHECK(answer_to("/readyz").status == 200);
    const Response response = answer_to(target);
    CHECK(response.status == 500);
    CHECK(response.body.starts_with(R"({"error":{"code":"internal_error",)"));
    CHECK(metrics.instances_lost.value() == ++lost);
  }
  CHECK(answer_to("/readyz").status == 200);
}

}  // namespace wasm_faults_test
