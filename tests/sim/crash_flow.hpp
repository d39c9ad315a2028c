// Canonical flows, each killed before and after every effect. Then time passes, clients without a response retry, the world
// comes to rest with every invariant intact, and the final state as one line is one that the flow permits.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/play.hpp"

namespace lntpay::sim {

struct CrashFlow {
  std::string_view name;
  std::size_t shop;  ///< whose state is the flow's end
  void (*before)(Play&);
  void (*during)(Play&);          ///< the process may crash here
  std::vector<std::string> ends;  ///< permitted; "~" stands for any text
  PlayWith with{};
};

/// Plays the flow with a crash at the first moment, at the second, and so on, until it ends before the crash. Yields the first
/// failure, or that the flow has no effects; empty if there is none.
std::string first_failure(const CrashFlow& flow);

namespace flows {

inline constexpr auto test = Play::test;
inline constexpr auto live = Play::live;

inline void nothing(Play&) {}
inline void one_charge(Play& play) { play.charge(test); }
inline void pay(Play& play) { play.pay(test); }
template <std::size_t behavior>
void sandbox_invoice(Play& play) {
  static constexpr const char* behaviors[] = {"succeed", "fail", "slow", "stuck", "unknown_then_succeed", "unknown_then_fail"};
  play.fund(test);
  play.invoice(behaviors[behavior]);
}

inline const std::string paid = "charge paid, available 21000, locked 0";
inline const std::string expired = "charge expired, available 0, locked 0";
/// The sandbox's route fee is one satoshi and a thousandth.
inline const std::string succeeded = "charge paid, withdrawal succeeded, available 498500, locked 0";

}  // namespace flows
}  // namespace lntpay::sim
