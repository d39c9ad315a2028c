// One rule for each field of a grant.
#include "core/access/grant.hpp"

#include <algorithm>

#include "core/base/time.hpp"

namespace lntpay {
namespace {

std::unexpected<Error> exceeded(std::string message, std::string param) {
  return fail(ErrorCode::limit_exceeded, "Your API key " + std::move(message), std::move(param));
}

/// Takes the maker's limit where nothing was asked. False if more was asked.
template <class T>
bool limit_by(const std::optional<T>& maker, std::optional<T>& asked) {
  if (!maker) return true;
  if (!asked) asked = maker;
  return *asked <= *maker;
}

Result<> limit_withdrawals(const WithdrawLimits& maker, WithdrawLimits& asked) {
  if (!limit_by(maker.each, asked.each)) {
    return exceeded("may lock less per withdrawal. Lower max_withdraw_sats.", "max_withdraw_sats");
  }
  if (!limit_by(maker.daily, asked.daily)) {
    return exceeded("may lock less per day. Lower daily_withdraw_sats.", "daily_withdraw_sats");
  }
  return {};
}

bool is_inside(std::string_view text, const std::vector<std::string>& networks) {
  const auto inner = Network::parse(text);
  return inner && std::ranges::any_of(networks, [&](const std::string& each) {
           const auto outer = Network::parse(each);
           return outer && outer->contains(*inner);
         });
}

Result<> limit_networks(const std::vector<std::string>& maker, std::vector<std::string>& asked) {
  if (asked.size() > Grant::networks_max) {
    return fail(ErrorCode::invalid_request, "A key can have at most 20 networks.", "allowed_cidrs");
  }
  for (const auto& each : asked) {
    if (Network::parse(each)) continue;
    return fail(ErrorCode::invalid_request,
                "\"" + each + "\" is no address or network. Use 203.0.113.7, 10.0.0.0/8 or 2001:db8::/32.", "allowed_cidrs");
  }
  if (maker.empty()) return {};
  if (asked.empty()) asked = maker;
  const auto outside = std::ranges::find_if_not(asked, [&](const std::string& each) { return is_inside(each, maker); });
  if (outside == asked.end()) return {};
  return exceeded("may not be used from all of " + *outside + ". Name networks within its own.", "allowed_cidrs");
}

}  // namespace

bool Grant::allows_client(std::string_view address) const { return allowed_cidrs.empty() || is_inside(address, allowed_cidrs); }

Result<Grant> granted(const Grant& maker, Grant asked) {
  if (asked.scopes.empty()) return fail(ErrorCode::invalid_request, "A key needs at least one scope.", "scopes");
  if (auto within = require_scopes(maker.scopes, asked.scopes); !within) return std::unexpected(std::move(within.error()));
  if (!limit_by(maker.expires_at, asked.expires_at)) {
    return exceeded("expires at " + rfc3339(*maker.expires_at) + ". A key that it creates cannot expire later.", "expires_at");
  }
  if (asked.scopes.has(Scope::withdrawals_write)) {
    if (auto within = limit_withdrawals(maker.limits, asked.limits); !within) return std::unexpected(std::move(within.error()));
  }
  if (auto within = limit_networks(maker.allowed_cidrs, asked.allowed_cidrs); !within) {
    return std::unexpected(std::move(within.error()));
  }
  if (!limit_by(maker.rate, asked.rate)) return exceeded("has a lower rate. Lower rate.", "rate");
  return asked;
}

Result<> require_within(const Grant& maker, const Grant& grant) {
  const auto within = granted(maker, grant);
  if (!within) return std::unexpected(within.error());
  // A limit that had to be added is one that the grant lacks.
  if (*within == grant) return {};
  return exceeded("has limits that the other key does not have. Use a key without them.", {});
}

}  // namespace lntpay
