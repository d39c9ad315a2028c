// The uses of one payment: available, reserved or committed. Pure.
//
// A use is claimed for a request (a lease, and a reservation number that grows with every claim), and then committed or released:
//
//   open -> reserved -> committed;   reserved -> open (released, or its lease expired)
//
// Committed is final. Only the reservation that holds a use can release it; a late commit of an older reservation commits too,
// because its request was served. So a payer never loses an unserved use, and a use is served twice only if its lease expired
// before its commit, both times under the same number (tests/models/redemption.pml).
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

/// A use that is not committed. In rows: "use.reservation.lease_until", the last is 0 if it was released.
struct OpenUse {
  std::uint64_t use = 0;          ///< 1 is the first
  std::uint64_t reservation = 0;  ///< number of its last claim, increasing over all uses of the payment
  UnixMillis lease_until;         ///< on the host's clock; then it may be claimed again

  [[nodiscard]] std::string text() const;
  static std::optional<OpenUse> parse(std::string_view text);
  bool operator==(const OpenUse&) const = default;
};

/// The maximum of concurrent requests for one payment.
inline constexpr std::size_t open_uses_max = 64;

struct Uses {
  std::uint64_t started = 0;       ///< uses 1 to `started` were claimed at least once; those not in `open` are committed
  std::uint64_t reservations = 0;  ///< claims so far
  std::vector<OpenUse> open;

  [[nodiscard]] std::uint64_t committed() const { return started - open.size(); }
  bool operator==(const Uses&) const = default;
};

/// The result of a claim.
struct ClaimedUse {
  std::uint64_t use = 0;
  std::uint64_t reservation = 0;
};
struct UsesBusy {
  UnixMillis until;  ///< when the first lease ends
};
struct UsesExhausted {};
using UseClaim = std::variant<ClaimedUse, UsesBusy, UsesExhausted>;

/// Claims a use: first one with an expired lease, then a new one. `allowed`: the uses that were paid for.
UseClaim claim_use(Uses& uses, std::uint64_t allowed, UnixMillis now, Millis lease);

/// Commits a use from any of its reservations. Yields false if it was never claimed.
bool commit_use(Uses& uses, std::uint64_t use);

/// Opens the use if this reservation holds it. Yields false if it is committed or held by another reservation.
bool release_use(Uses& uses, std::uint64_t use, std::uint64_t reservation);

/// Commits the uses with an expired lease, for gates that commit explicitly. Released uses have no lease and stay open. Yields the
/// uses committed now.
std::vector<std::uint64_t> commit_expired_uses(Uses& uses, UnixMillis now);

/// Renews the lease of a request that is still being served. Yields whether this reservation holds the use.
bool renew_use(Uses& uses, std::uint64_t use, std::uint64_t reservation, UnixMillis lease_until);

}  // namespace lntpay
