// Flows that meet every misfortune, one in each run: the process dies before or after any of their effects, or a commit is
// answered with anything but "committed". What must not be interrupted stands outside of the part that is given to `mortal`
// or `faulty`: what was there before, and what is looked at afterwards.
//
//   dies_at_every_effect([](World& world, const auto& mortal) {
//     const auto charge = make_charge(world);
//     mortal([&] { pay(world, charge); });
//     world.pass(minutes(3));  // what died is done again when its lease is over
//     CHECK(books(world) == "…");
//   });
#pragma once
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/world.hpp"

namespace lntpay::test {

/// Runs its part in a world whose process dies at the given moment of it. After the death the rest of the part goes on, against
/// the process that was started in its place.
template <class AnyWorld>
class Mortal {
 public:
  Mortal(AnyWorld& world, std::size_t moment) : world_(world), moment_(moment) {}

  template <class Part>
  void operator()(Part part) const {
    REQUIRE_MESSAGE(!used_, "one part of a flow is mortal");
    used_ = true;
    world_.moments_until_death = moment_;
    part();
    died_ = !world_.moments_until_death;
    world_.moments_until_death.reset();
  }
  [[nodiscard]] bool died() const {
    REQUIRE_MESSAGE(used_, "a flow gives a part of itself to mortal");
    return died_;
  }

 private:
  AnyWorld& world_;
  std::size_t moment_;
  mutable bool used_ = false;
  mutable bool died_ = false;
};

/// Runs `flow(world, mortal)` in a new world for each moment of its mortal part, and at last to its end. Yields how often it died.
template <class AnyWorld = World, class Flow>
std::size_t dies_at_every_effect(Flow flow) {
  constexpr std::size_t moments_max = 10'000;
  for (std::size_t moment = 0; moment < moments_max; ++moment) {
    INFO("the process dies ", (moment % 2 == 0 ? "before" : "after"), " effect ", moment / 2);
    AnyWorld world;
    world.bootstrap();
    const Mortal<AnyWorld> mortal(world, moment);
    flow(world, mortal);
    if (mortal.died()) continue;
    REQUIRE_MESSAGE(moment > 0, "the mortal part has effects");
    return moment;
  }
  FAIL("the flow does not come to an end");
  return 0;
}

/// Runs `flow(world, faulty)` in a new world for each commit of its faulty part and each answer that is no plain one: conflict,
/// and unknown, written or not.
template <class AnyWorld = World, class Flow>
void meets_every_commit_fault(Flow flow) {
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
        // A run with a fault has a commit more than a calm one: the one that is tried again.
        commits = std::max(commits, static_cast<std::size_t>(world.store.commits() - before) - 1);
      });
      REQUIRE_MESSAGE(used, "a flow gives a part of itself to faulty");
    }
  }
  REQUIRE_MESSAGE(commits > 1, "the faulty part has commits");
}

}  // namespace lntpay::test
