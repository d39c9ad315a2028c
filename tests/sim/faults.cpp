// The frequency of each fault in a world that has it.
#include "tests/sim/faults.hpp"

namespace lntpay::sim {
namespace {

/// Per thousand occasions, at most. A kill ends every open session, and each effect is an occasion: rare kills reach deeper states.
constexpr std::uint16_t at_most(Fault fault) {
  switch (fault) {
    case Fault::kill_before:
    case Fault::kill_after: return 4;
    case Fault::random_repeated: return 60;
    case Fault::store_conflict:
    case Fault::store_unknown_written:
    case Fault::store_unknown_not_written:
    case Fault::store_error: return 60;
    case Fault::clock_jump:
    case Fault::clock_stall:
    case Fault::node_restart: return 40;
    case Fault::http_slow: return 400;
    case Fault::node_forgets:
    case Fault::node_collects:
    case Fault::node_hides: return 500;
    case Fault::node_overcharges: return 100;
    case Fault::clock_2106: return 1'000;
    case Fault::http_refused:
    case Fault::http_reset_before:
    case Fault::http_reset_after:
    case Fault::http_timeout_before:
    case Fault::http_timeout_after:
    case Fault::http_late:
    case Fault::http_truncated:
    case Fault::http_oversized:
    case Fault::http_wrong_type:
    case Fault::http_5xx:
    case Fault::http_twice:
    case Fault::stream_cut:
    case Fault::wake_early:
    case Fault::wake_late:
    case Fault::wake_twice:
    case Fault::wake_lost: return 150;
  }
  return 0;
}

}  // namespace

Faults Faults::draw(SimRandom random) {
  Faults faults;
  // One world in eight has no faults; the others have from one in eight of them to all.
  const auto density = random.below(8);
  for (std::size_t i = 0; i < fault_count; ++i) {
    const bool there = random.below(8) < density;
    const auto often = random.from(1, at_most(static_cast<Fault>(i)));
    if (there) faults.per_mille_[i] = static_cast<std::uint16_t>(often);
  }
  if (!random.one_in(8)) faults.remove(Fault::clock_2106);
  return faults;
}

std::string Faults::text() const {
  std::string text;
  for (std::size_t i = 0; i < fault_count; ++i) {
    if (per_mille_[i] == 0) continue;
    text.append(text.empty() ? "" : ", ").append(name_of(static_cast<Fault>(i))).append(" ").append(std::to_string(per_mille_[i]));
  }
  return text.empty() ? "none" : text;
}

}  // namespace lntpay::sim
