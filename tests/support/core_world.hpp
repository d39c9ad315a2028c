// A test world for operations of the core: a workspace, its rows, a clock that only the test moves, a function as webhook receiver;
// with faults: commits that fail or whose outcome is unknown (tests/support/model_store), and sessions that crash.
//
//   CoreWorld world;
//   const auto made = world.run([&](Context& cx) { return create_workspace(cx, "Corner shop"); });
#pragma once
#include <doctest/doctest.h>

#include <functional>
#include <utility>
#include <vector>

#include "core/tenant/context.hpp"
#include "core/tenant/tenant_scope.hpp"
#include "core/webhook/delivery/outbox.hpp"
#include "tests/support/model_store.hpp"

namespace lntpay::test {

class CoreWorld {
 public:
  CoreWorld() {
    settings.base_url = "http://127.0.0.1:8402";
    settings.peppers.push_back({"p1", Secret::copy_of("pepper one")});
    settings.seal.emplace_back("s1", Bytes32{1});
    settings.cursor_key = Secret::copy_of("cursor key");
    tenant.workspace = WorkspaceId::generate(Shard::number(777), now, random);
  }

  UnixMillis now{1'770'091'506'000};  // 2026-02-03T04:05:06Z
  Random random{{1, 2, 3, 4}};
  Settings settings;
  TenantScope tenant;
  ModelStore store;
  std::vector<Outgoing> sent;
  std::function<Reply(const Outgoing&)> receiver = [](const Outgoing&) -> Reply { return Answered{{200, {}, "ok"}}; };
  /// Called once, before the next reply of a receiver, for concurrent changes.
  std::function<void()> meanwhile;
  /// The duration of a batch of requests.
  Millis latency{40};
  /// The session crashes before it gets the replies of this batch of effects, counted from 1; 0: never.
  std::uint64_t crashes_at = 0;
  /// Batches of effects, of all sessions.
  std::uint64_t steps = 0;

  /// Runs an operation `Task<T>(Context&)`; nullopt: the session crashed.
  template <class Operation>
  auto run_until_crash(Operation operation) {
    Seam seam(now);
    Context cx(seam, random, settings);
    cx.make_commit_hook = make_outbox;
    auto task = operation(cx);
    task.start(seam);
    while (seam.waiting()) {
      const auto effects = seam.take_effects();
      ++steps;
      if (std::holds_alternative<Outgoing>(effects.front())) now = now + latency;
      std::vector<Reply> replies;
      for (const auto& effect : effects) replies.push_back(perform(effect));
      if (crashes_at > 0 && --crashes_at == 0) break;
      seam.answer(now, std::move(replies));
    }
    return std::move(task.value());
  }

  /// Runs an operation to completion.
  template <class Operation>
  auto run(Operation operation) {
    auto ended = run_until_crash(std::move(operation));
    REQUIRE_MESSAGE(ended.has_value(), "the session crashed");
    return std::move(*ended);
  }

  /// The value of an operation that must succeed.
  template <class Operation>
  auto must(Operation operation) {
    auto ended = run(std::move(operation));
    REQUIRE_MESSAGE(ended.has_value(), (ended ? std::string{} : ended.error().message));
    return std::move(ended).value();
  }

 private:
  Reply perform(const Effect& effect) {
    const auto* outgoing = std::get_if<Outgoing>(&effect);
    if (outgoing == nullptr) return store.perform(effect);
    sent.push_back(*outgoing);
    if (meanwhile) std::exchange(meanwhile, nullptr)();
    return receiver(*outgoing);
  }
};

}  // namespace lntpay::test
