// The limit of open unpaid invoices that anyone can ask for: for each gate or pay link, and for each client of it. A challenge that
// has been paid gives its place back.
//
// A volatile row for each counts them by the minute in which their invoices expire, so that it stays small and needs no clean-up.
// A lost row grants the limit again.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/storage/row.hpp"
#include "core/tenant/context.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

/// How many invoices expire in one minute. In rows: "minute.count"; minutes since 1970, on the host's clock.
struct ExpiryMinute {
  std::uint64_t minute = 0;
  std::uint64_t count = 0;

  [[nodiscard]] std::string text() const;
  static std::optional<ExpiryMinute> parse(std::string_view text);
  bool operator==(const ExpiryMinute&) const = default;
};

/// Rows `~{shard}/open_challenges/{seller}`, `…/{seller}/c/{client}` and `…/{seller}/n/{network}`; the seller is the id of a gate
/// or of a pay link.
struct OpenChallenges {
  static constexpr int row_version = 1;
  std::vector<ExpiryMinute> minutes;
  auto fields(this auto& self) { return std::tie(self.minutes); }
};

/// Takes a place for an invoice that expires at `expires_at`. Pure. Yields how long to wait when all are taken.
std::optional<Millis> take_place(OpenChallenges& open, std::uint64_t places, UnixMillis now, UnixMillis expires_at);
/// Gives one back. Pure. An invoice's expiry may be some seconds from the one that it was counted with.
void give_place_back(OpenChallenges& open, UnixMillis now, UnixMillis expires_at);

/// Who is limited: both empty for a service that asks without naming a client.
struct GateClientId {
  std::string client{};   ///< an address, of IPv6 its /64 network; or a service's own name for it
  std::string network{};  ///< of IPv6: the /48 network, which has ten times the places of a client
};

/// Takes a place of the seller, of the client and of its network, or none. A failing store lets the invoice pass, as with other
/// limits. Fails with rate_limit_exceeded.
Task<Result<>> take_places(Context& cx, const TenantScope& tenant, const std::string& seller, GateClientId client,
                           UnixMillis expires_at);
/// Gives them back, at best effort: a place also ends with its invoice.
Task<Result<>> give_places_back(Context& cx, const TenantScope& tenant, const std::string& seller, GateClientId client,
                                UnixMillis expires_at);

}  // namespace lntpay
