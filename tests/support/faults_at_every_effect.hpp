// Runs a flow once for every fault that it can meet: the process crashes before or after each effect, or a commit returns anything
// but "committed". Only the part given to `crashing` or `faulty` is affected, not the setup before it and the checks after it.
//
//   crashes_at_every_effect([](World& world, const auto& crashing) {
//     const auto charge = make_charge(world);
//     crashing([&] { pay(world, charge); });
//     world.pass(minutes(3));  // interrupted tasks are retried when their lease expires
//     CHECK(books(world) == "…");
//   });
#pragma once
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/world.hpp"

namespace lntpay::test {

/// Runs its part in a world whose process crashes at the given moment. The rest of the part runs against the restarted process.
template <class AnyWorld>
class CrashPoint {
 public:
  CrashPoint(AnyWorld& world, std::size_t moment) : world_(world), moment_(moment) {}

  template <class Part>
  void operator()(Part part) const {
    REQUIRE_MESSAGE(!used_, "only one part of a flow may crash");
    used_ = true;
    world_.moments_until_crash = moment_;
    part();
    crashed_ = !world_.moments_until_crash;
    world_.moments_until_crash.reset();
  }
  [[nodiscard]] bool crashed() const {
    REQUIRE_MESSAGE(used_, "a flow must call `crashing`");
    return crashed_;
  }

 private:
  AnyWorld& world_;
  std::size_t moment_;
  mutable bool used_ = false;
  mutable bool crashed_ = false;
};

/// Runs `flow(world, crashing)` in a new world for each moment of its crashing part, and last without a crash. Returns the number
/// of crashes.
template <class AnyWorld = World, class Flow>
std::size_t crashes_at_every_effect(Flow flow) {
  constexpr std::size_t moments_max = 10'000;
  for (std::size_t moment = 0; moment < moments_max; ++moment) {
    INFO("the process crashes ", (moment % 2 == 0 ? "before" : "after"), " effect ", moment / 2);
    AnyWorld world;
    world.bootstrap();
    const CrashPoint<AnyWorld> crashing(world, moment);
    flow(world, crashing);
    if (crashing.crashed()) continue;
    REQUIRE_MESSAGE(moment > 0, "the crashing part has effects");
    return moment;
  }
  FAIL("the flow does not end");
  return 0;
}

/// Runs `flow(world, faulty)` in a new world for each commit of its faulty part and each fault of it: conflict, and unknown,
/// written or not.
template <class AnyWorld = World, class Flow>
void with_every_commit_fault(Flow flow) {
  std::size_t commits = 1;
  for (std::size_t number = 1; number <= commits; ++number) {
    for (const auto fault : {CommitFault::conflict, CommitFault::unknown_written, CommitFault::unknown_not_written}) {
      INFO("commit ", number, " meets fault ", static_cast<int>(fault));
      AnyWorld world;
      world.bootstrap();
      bool used = false;
      flow(world, [&](auto part) {
        used = true;
        const auto before = world.store.commits();
        world.store.fault_at(number, fault);
        part();
        world.store.faults.clear();
        // A run with a fault has one commit more than a run without: the retry.
        commits = std::max(commits, static_cast<std::size_t>(world.store.commits() - before) - 1);
      });
      REQUIRE_MESSAGE(used, "a flow must call `faulty`");
    }
  }
  REQUIRE_MESSAGE(commits > 1, "the faulty part has commits");
}

}  // namespace lntpay::test
