// Runs one seed until the world is at rest, and searches for a shorter run with the same failure.
#pragma once
#include <set>
#include <string>

#include "host-adapters/common/instance.hpp"
#include "tests/sim/marks.hpp"

namespace lntpay::sim {

struct RunPlan {
  std::uint64_t seed = 0;
  std::uint64_t steps = 500;
  std::set<std::uint64_t> left_out;       ///< steps
  std::set<std::string> faults_left_out;  ///< by name
  /// The replay's command line: "--seed 7 --steps 500 --skip 3-9,12 --without kill_after".
  [[nodiscard]] std::string text() const;
};

struct RunResult {
  std::string failure;          ///< empty: no rule was broken
  std::uint64_t failed_at = 0;  ///< the step
  std::uint64_t effects = 0;
  std::uint64_t trace = 0;
  std::uint64_t trace_without_wording = 0;  ///< equal for builds that differ in messages only
  Marks marks;
};

/// The engine in two configurations; each seed draws whether its host can promise that no layer repeats a send.
struct Engines {
  host::MakeInstance sends_once;
  host::MakeInstance may_repeat;
};

RunResult run(const RunPlan& plan, const Engines& engines, const std::function<void(const std::string&)>& words = {});

/// The smallest plan found, within `tries`, that fails by the same rule.
RunPlan shrink(RunPlan plan, const RunResult& failed, const Engines& engines, int tries);

}  // namespace lntpay::sim
