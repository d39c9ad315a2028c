// The uses of one payment: what is left of it, what is being served right now, and what is over. Pure.
//
// A use is claimed for a request (a lease, and a reservation number that grows with every claim), and then committed or released:
//
//   open -> reserved -> committed;   reserved -> open (released, or its lease is over)
//
// Committed is final. Release works only for the reservation that holds the use; a late commit of an older one commits all the
// same, because its request was served. So whoever paid is never refused what they did not get, and a use is served twice only
// where its lease ended before its commit, each time under the same number (tests/models/redemption.pml).
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/units.hpp"

namespace lntpay {

/// A use that is not committed. In rows: "use.reservation.lease_until", the last 0 where it was released.
struct OpenUse {
  std::uint64_t use = 0;          ///< 1 is the first
  std::uint64_t reservation = 0;  ///< of all claims of this payment; a later claim has a higher one
  UnixMillis lease_until;         ///< on the host's clock; it may be claimed again from then on

  [[nodiscard]] std::string text() const;
  static std::optional<OpenUse> parse(std::string_view text);
  bool operator==(const OpenUse&) const = default;
};

/// At most so many requests for one payment are served at a time.
inline constexpr std::size_t open_uses_max = 64;

struct Uses {
  std::uint64_t started = 0;       ///< uses 1 to `started` were claimed at least once; those that are not in `open` are committed
  std::uint64_t reservations = 0;  ///< claims so far
  std::vector<OpenUse> open;

  [[nodiscard]] std::uint64_t committed() const { return started - open.size(); }
  bool operator==(const Uses&) const = default;
};

/// What a claim comes to.
struct ClaimedUse {
  std::uint64_t use = 0;
  std::uint64_t reservation = 0;
};
struct UsesBusy {
  UnixMillis until;  ///< when the first lease ends
};
struct UsesExhausted {};
using UseClaim = std::variant<ClaimedUse, UsesBusy, UsesExhausted>;

/// Claims a use: one whose lease is over first, then a fresh one. `allowed` is how many the payment has.
UseClaim claim_use(Uses& uses, std::uint64_t allowed, UnixMillis now, Millis lease);

/// Whether the use is committed now: always for one that was claimed, by whatever reservation. False for one that never was.
bool commit_use(Uses& uses, std::uint64_t use);

/// Whether the use may be claimed again: only where this reservation holds it. It may already be committed, or somebody else's.
bool release_use(Uses& uses, std::uint64_t use, std::uint64_t reservation);

/// For a gate whose uses count unless the service says otherwise: a use whose lease is over is committed. One that was released has
/// no lease, and stays open. Yields those that were committed now.
std::vector<std::uint64_t> commit_expired_uses(Uses& uses, UnixMillis now);

/// The lease of a request that is still being served. Whether this reservation holds the use.
bool renew_use(Uses& uses, std::uint64_t use, std::uint64_t reservation, UnixMillis lease_until);

}  // namespace lntpay
