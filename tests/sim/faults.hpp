// The fault catalogue: every effect, and every way in which it can go wrong. A seed draws its own mix of them (a swarm): one world
// has only lost commits, another a node that never answers in time, a third everything at once.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/storage/row.hpp"
#include "tests/sim/marks.hpp"
#include "tests/sim/sim_random.hpp"

namespace lntpay::sim {

enum class Fault : std::uint8_t {
  store_conflict,             ///< answered though every check held
  store_unknown_written,      ///< nobody knows; it was written
  store_unknown_not_written,  ///< nobody knows; it was not
  store_error,                ///< a read or a commit that could not
  http_refused,               ///< nothing left the host
  http_reset_before,          ///< the connection broke before the other side did anything
  http_reset_after,           ///< and after
  http_timeout_before,
  http_timeout_after,
  http_late,  ///< sits in a buffer, is given up, and arrives after all
  http_truncated,
  http_oversized,
  http_wrong_type,
  http_5xx,
  http_twice,  ///< delivered twice; never what was to be sent once
  clock_jump,  ///< by at most an hour, either way
  clock_stall,
  clock_2106,  ///< the world begins shortly before 2^32 seconds
  wake_early,
  wake_late,
  wake_twice,
  wake_lost,
  random_repeated,  ///< a block of random comes a second time
  kill_before,      ///< the process dies before an effect takes place
  kill_after,       ///< and after, before the engine is told
  stream_cut,       ///< the node's stream breaks, and what was on its way is lost
  node_restart,
  node_overcharges,  ///< takes more than the fee limit
  node_forgets,      ///< somebody deletes payments at the node
};
inline constexpr std::size_t fault_count = static_cast<std::size_t>(Fault::node_forgets) + 1;

}  // namespace lntpay::sim

template <>
inline constexpr auto lntpay::enum_names<lntpay::sim::Fault> = std::to_array<std::string_view>({"store_conflict",
                                                                                                "store_unknown_written",
                                                                                                "store_unknown_not_written",
                                                                                                "store_error",
                                                                                                "http_refused",
                                                                                                "http_reset_before",
                                                                                                "http_reset_after",
                                                                                                "http_timeout_before",
                                                                                                "http_timeout_after",
                                                                                                "http_late",
                                                                                                "http_truncated",
                                                                                                "http_oversized",
                                                                                                "http_wrong_type",
                                                                                                "http_5xx",
                                                                                                "http_twice",
                                                                                                "clock_jump",
                                                                                                "clock_stall",
                                                                                                "clock_2106",
                                                                                                "wake_early",
                                                                                                "wake_late",
                                                                                                "wake_twice",
                                                                                                "wake_lost",
                                                                                                "random_repeated",
                                                                                                "kill_before",
                                                                                                "kill_after",
                                                                                                "stream_cut",
                                                                                                "node_restart",
                                                                                                "node_overcharges",
                                                                                                "node_forgets"});

namespace lntpay::sim {

class Faults {
 public:
  Faults() = default;  ///< none
  static Faults draw(SimRandom random);

  /// Draws whether it happens now, and marks it as met when it does.
  bool happens(Fault fault, SimRandom& random, Marks& marks) const {
    const auto often = per_mille_[static_cast<std::size_t>(fault)];
    if (often == 0 || !random.per_mille(often)) return false;
    marks.reach("fault: " + std::string(name_of(fault)));
    return true;
  }
  [[nodiscard]] bool has(Fault fault) const { return per_mille_[static_cast<std::size_t>(fault)] != 0; }
  void remove(Fault fault) { per_mille_[static_cast<std::size_t>(fault)] = 0; }
  /// "store_conflict 12, kill_after 3": per thousand occasions.
  [[nodiscard]] std::string text() const;

 private:
  std::array<std::uint16_t, fault_count> per_mille_{};
};

}  // namespace lntpay::sim
