// Runs a seed, and shrinks a failure.
#include "tests/sim/run.hpp"

#include <algorithm>
#include <vector>

#include "tests/sim/sim_world.hpp"

namespace lntpay::sim {
namespace {

/// "I7 …" -> "I7": a shorter run must break the same rule.
std::string rule_of(const std::string& failure) { return failure.substr(0, failure.find(' ')); }

std::string ranges_of(const std::set<std::uint64_t>& numbers) {
  std::string text;
  for (auto at = numbers.begin(); at != numbers.end();) {
    const auto first = *at;
    auto last = first;
    while (++at != numbers.end() && *at == last + 1) ++last;
    text.append(text.empty() ? "" : ",").append(std::to_string(first));
    if (last != first) text.append("-").append(std::to_string(last));
  }
  return text;
}

}  // namespace

std::string RunPlan::text() const {
  auto text = "--seed " + std::to_string(seed) + " --steps " + std::to_string(steps);
  if (!left_out.empty()) text += " --skip " + ranges_of(left_out);
  std::string faults;
  for (const auto& fault : faults_left_out) faults.append(faults.empty() ? "" : ",").append(fault);
  return faults.empty() ? text : text + " --without " + faults;
}

RunResult run(const RunPlan& plan, const Engines& engines, const std::function<void(const std::string&)>& words) {
  RunResult result;
  auto faults = Faults::draw(SimRandom(plan.seed, UINT64_MAX));
  for (const auto& name : plan.faults_left_out) {
    if (const auto fault = from_name<Fault>(name)) faults.remove(*fault);
  }
  if (words) words("faults per thousand occasions: " + faults.text());
  std::unique_ptr<World> world;
  try {
    SimRandom random(plan.seed, UINT64_MAX - 1);
    const auto workspaces = 1 + random.below(3);
    const bool once = !random.one_in(4);
    const bool streams = random.one_in(2);
    const bool gates = random.one_in(3);
    world = std::make_unique<World>(World::Setup{.seed = plan.seed,
                                                 .make = once ? engines.sends_once : engines.may_repeat,
                                                 .send_once = once,
                                                 .faults = faults,
                                                 .workspaces = workspaces,
                                                 .gates = gates,
                                                 .streams = streams,
                                                 .words = words});
    for (; result.failed_at < plan.steps; ++result.failed_at) {
      if (!plan.left_out.contains(result.failed_at)) world->step(result.failed_at);
    }
    world->rest();
  } catch (const std::exception& broken) {
    result.failure = broken.what();
  }
  if (world) {
    result.effects = world->host.effects;
    result.trace = world->host.trace.hash();
    result.trace_without_wording = world->host.trace_without_wording.hash();
    result.marks = world->scene.marks;
  }
  return result;
}

RunPlan shrink(RunPlan plan, const RunResult& failed, const Engines& engines, int tries) {
  const auto rule = rule_of(failed.failure);
  const auto fails = [&](const RunPlan& tried) { return tries-- > 0 && rule_of(run(tried, engines).failure) == rule; };
  if (failed.failed_at < plan.steps) plan.steps = failed.failed_at + 1;
  for (std::size_t i = 0; i < fault_count && tries > 0; ++i) {
    auto tried = plan;
    tried.faults_left_out.insert(std::string(name_of(static_cast<Fault>(i))));
    if (fails(tried)) plan = std::move(tried);
  }
  for (auto size = plan.steps / 2; size >= 1 && tries > 0; size /= 2) {
    for (std::uint64_t from = 0; from < plan.steps && tries > 0; from += size) {
      auto tried = plan;
      for (auto step = from; step < std::min(from + size, plan.steps); ++step) tried.left_out.insert(step);
      if (tried.left_out != plan.left_out && fails(tried)) plan = std::move(tried);
    }
  }
  // Removes faults that do not occur in the remaining steps.
  const auto faults = Faults::draw(SimRandom(plan.seed, UINT64_MAX));
  std::erase_if(plan.faults_left_out, [&](const std::string& name) { return !faults.has(*from_name<Fault>(name)); });
  return plan;
}

}  // namespace lntpay::sim
