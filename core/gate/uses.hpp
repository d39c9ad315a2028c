// The uses of one payment: available, reserved or committed. Pure.
//
// A use is claimed for a request (a lease, and a reservation number that grows with every claim), and then committed or released:
//
//   open -> reserved -> committed;   reserved -> open (released, or its lease expired)
//
// Committed is final. Only the reservation that holds a use can release it; a late commit of an older reservation commits too,
// because its request was served. So a payer never loses an unserved use, and a use is served twice only if its lease expired
// before its commit, both times under the same number (tests/models/redemption.pml).
//
// A gate may let a payment without open uses repeat a committed one for some seconds, for a response that was lost on the way. A
// repeat holds nothing: it has no reservation, so neither its end nor its failure changes the uses.
//
// A metered payment is credit: a claim reserves a part of it, which is the most that the use can cost, and the commit takes the
// price of the use out of that part. What is spent and what open uses reserve are never more than was paid
// (tests/models/credit.pml).
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

/// A use that is not committed. In rows: "use.reservation.lease_until", the last is 0 if it was released; and ".request", if given;
/// of a metered payment ".request.reserved".
struct OpenUse {
  std::uint64_t use = 0;          ///< 1 is the first
  std::uint64_t reservation = 0;  ///< number of its last claim, increasing over all uses of the payment
  UnixMillis lease_until;         ///< on the host's clock; then it may be claimed again
  std::string request{};          ///< fingerprint of the request that claimed it, where it may be repeated; else empty
  Msat reserved{};                ///< of a metered payment; kept when it is released, because a late commit costs as much

  [[nodiscard]] std::string text() const;
  static std::optional<OpenUse> parse(std::string_view text);
  bool operator==(const OpenUse&) const = default;
};

/// A committed use that may be repeated. In rows: "use.until.request".
struct RepeatableUse {
  std::uint64_t use = 0;
  UnixMillis until;     ///< on the host's clock
  std::string request;  ///< fingerprint of the only request that repeats it

  [[nodiscard]] std::string text() const;
  static std::optional<RepeatableUse> parse(std::string_view text);
  bool operator==(const RepeatableUse&) const = default;
};

/// The maximum of concurrent requests for one payment.
inline constexpr std::size_t open_uses_max = 64;
/// The last committed uses that are kept for repeats.
inline constexpr std::size_t repeatable_uses_max = 16;

struct Uses {
  std::uint64_t started = 0;       ///< uses 1 to `started` were claimed at least once; those not in `open` are committed
  std::uint64_t reservations = 0;  ///< claims so far
  std::vector<OpenUse> open;
  std::vector<RepeatableUse> repeatable{};  ///< in the order of their commits
  Msat spent{};                             ///< of a metered payment: the prices of all committed uses

  [[nodiscard]] std::uint64_t committed() const { return started - open.size(); }
  bool operator==(const Uses&) const = default;
};

/// The result of a claim.
struct ClaimedUse {
  std::uint64_t use = 0;
  std::uint64_t reservation = 0;  ///< 0: a repeat, which holds nothing
  Msat reserved{};                ///< of a metered payment: the most that the use can cost
};
struct UsesBusy {
  UnixMillis until;  ///< when the first lease ends
};
struct UsesExhausted {};
using UseClaim = std::variant<ClaimedUse, UsesBusy, UsesExhausted>;

/// What a metered payment allows; of any other `paid` is 0. A use reserves what is left, up to `max_price`, and is not claimed when
/// that is less than `min_credit`.
struct Credit {
  Msat paid{};
  Msat min_credit{};
  Msat max_price{};

  [[nodiscard]] bool is_metered() const { return paid > Msat{}; }
};

/// Claims a use for a request with this fingerprint (empty: it cannot be repeated): first one with an expired lease, then a new
/// one. If all are committed: a repeat of one that this request had. `allowed`: the uses that were paid for.
UseClaim claim_use(Uses& uses, std::uint64_t allowed, UnixMillis now, Millis lease, std::string request = {},
                   const Credit& credit = {});

/// Commits a use from any of its reservations. If it had a request, that may repeat it until `at` + `repeat`. Yields false if it
/// was never claimed. `price`: of a metered use; it costs no more than it reserves, and all of that without a price.
bool commit_use(Uses& uses, std::uint64_t use, UnixMillis at = {}, Millis repeat = {}, std::optional<Msat> price = {});

/// Opens the use if this reservation holds it. Yields false if it is committed or held by another reservation.
bool release_use(Uses& uses, std::uint64_t use, std::uint64_t reservation);

/// Commits the uses with an expired lease, for gates that commit explicitly. Released uses have no lease and stay open. Yields the
/// uses committed now, as they were. They may be repeated from the end of their leases, and cost what they reserved.
std::vector<OpenUse> commit_expired_uses(Uses& uses, UnixMillis now, Millis repeat = {});

/// Renews the lease of a request that is still being served. Yields whether this reservation holds the use.
bool renew_use(Uses& uses, std::uint64_t use, std::uint64_t reservation, UnixMillis lease_until);

}  // namespace lntpay
