// The fault catalogue: every way in which an effect can fail. Each seed draws its own mix (swarm testing): one world
// has only lost commits, another a node that is always late, a third everything at once.
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
  store_conflict,             ///< though every check holds
  store_unknown_written,      ///< outcome unknown; it was written
  store_unknown_not_written,  ///< outcome unknown; it was not written
  store_error,                ///< a read or a commit fails
  http_refused,               ///< nothing was sent
  http_reset_before,          ///< the connection breaks before the peer acts
  http_reset_after,           ///< the connection breaks after the peer acted
  http_timeout_before,
  http_timeout_after,
  http_late,  ///< times out in a buffer, and arrives later
  http_slow,  ///< request or answer takes any time below the timeout: other exchanges overtake it
  http_truncated,
  http_oversized,
  http_wrong_type,
  http_5xx,
  http_twice,  ///< delivered twice; never a send-once request
  clock_jump,  ///< by at most an hour, in either direction
  clock_stall,
  clock_2106,  ///< the world starts shortly before 2^32 seconds
  wake_early,
  wake_late,
  wake_twice,
  wake_lost,
  random_repeated,  ///< a block of entropy is repeated
  kill_before,      ///< the process crashes before an effect is performed
  kill_after,       ///< the process crashes after an effect, before the engine gets the reply
  stream_cut,       ///< the node's stream breaks, and lines in transit are lost
  node_restart,
  node_overcharges,  ///< charges more than the fee limit
  node_forgets,      ///< payments are deleted at the node
  node_collects,     ///< canceled invoices are deleted at the node
  node_hides,        ///< for less than a day, the node does not find an invoice that it has
};
inline constexpr std::size_t fault_count = static_cast<std::size_t>(Fault::node_hides) + 1;

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
                                                                                                "http_slow",
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
                                                                                                "node_forgets",
                                                                                                "node_collects",
                                                                                                "node_hides"});

namespace lntpay::sim {

class Faults {
 public:
  Faults() = default;  ///< none
  static Faults draw(SimRandom random);

  /// Draws whether it happens now, and marks it as reached if so.
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
