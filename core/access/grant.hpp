// What an API key may do, and what a key may pass on: a key creates, rolls and revokes only keys that may do no more than itself.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/access/scopes.hpp"
#include "core/base/ip_address.hpp"
#include "core/base/units.hpp"

namespace lntpay {

/// The amounts that a key may withdraw, fee limits included: per withdrawal, and per day (UTC). nullopt: no limit.
struct WithdrawLimits {
  std::optional<Msat> each;
  std::optional<Msat> daily;
  bool operator==(const WithdrawLimits&) const = default;
};

struct Grant {
  static constexpr std::size_t networks_max = 20;

  ScopeSet scopes;
  std::optional<UnixMillis> expires_at{};
  WithdrawLimits limits{};
  std::vector<std::string> allowed_cidrs{};  ///< as `Network::parse` reads them; empty: from everywhere
  std::optional<std::uint32_t>
      rate{};  ///< requests in the window of `Settings::rate`, at most and by default three quarters of its quota

  bool operator==(const Grant&) const = default;
  [[nodiscard]] bool allows_client(std::string_view address) const;
};

/// The grant of a new key: what was asked, within the maker's grant. Where nothing was asked, it is as limited as the maker.
/// Fails with insufficient_scopes (details: required, missing); invalid_request (scopes, allowed_cidrs); limit_exceeded with the
/// field that exceeds the maker's as `param`.
Result<Grant> granted(const Grant& maker, Grant asked);

/// Fails like `granted` if the grant allows anything that the maker's does not.
Result<> require_within(const Grant& maker, const Grant& grant);

}  // namespace lntpay
