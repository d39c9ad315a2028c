// Plays a flow again and again, with a later crash each time.
#include "tests/sim/crash_flow.hpp"

#include <algorithm>

namespace lntpay::sim {
namespace {

bool fits(const std::string& end, const std::string& allowed) {
  const auto any = allowed.find('~');
  if (any == std::string::npos) return end == allowed;
  return end.starts_with(allowed.substr(0, any)) && end.ends_with(allowed.substr(any + 1));
}

/// The failure, or empty. Sets `crashed` if the process crashed.
std::string play_flow(const CrashFlow& flow, std::size_t moment, bool& crashed) {
  Play play(true, 1, flow.with);
  flow.before(play);
  play.world.host.moments_until_crash = moment;
  try {
    flow.during(play);
    crashed = !play.world.host.moments_until_crash.has_value();
    play.world.host.moments_until_crash.reset();
    play.world.rest();
  } catch (const Violation& broken) {
    return broken.what();
  }
  const auto end = play.text(flow.shop);
  const bool allowed = std::ranges::any_of(flow.ends, [&](const std::string& each) { return fits(end, each); });
  return allowed ? "" : "ends as: " + end;
}

}  // namespace

std::string first_failure(const CrashFlow& flow) {
  bool crashed = true;
  for (std::size_t moment = 0; crashed; ++moment) {
    const auto wrong = play_flow(flow, moment, crashed);
    const auto when = std::string(flow.name) + ", killed " + (moment % 2 == 0 ? "before" : "after") + " effect ";
    if (!wrong.empty()) return when + std::to_string(moment / 2) + ": " + wrong;
    if (moment == 0 && !crashed) return std::string(flow.name) + " has no effects";
  }
  return {};
}

}  // namespace lntpay::sim
