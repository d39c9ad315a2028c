// The link to a charge's checkout page. Its token has a MAC under the host's key, so an id or an invoice is not enough to build it.
//
//   <base_url>/pay/t7K01MCC5RM001W6HHN35RJDZ2PXD01MCC5RQ3S8A0GJZ2WQ1V9F4CMnRkO4p0Vx8Qyq3vHq2dLhQ
//               | workspace                   | charge                  | 16 bytes of the HMAC, base64url
//               t: test, l: live; ids without their fixed prefix
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/charge/charge.hpp"
#include "core/tenant/settings.hpp"

namespace lntpay {

struct CheckoutPlace {
  TenantScope tenant;  ///< of the first generation; `enter_tenant` finds the current one
  ChargeId charge;
};

std::string checkout_url(const Settings& settings, const TenantScope& tenant, const ChargeId& charge);

/// nullopt if the MAC is wrong.
std::optional<CheckoutPlace> parse_checkout_token(const Settings& settings, std::string_view token);

/// The shard of the charge, read without verifying the token.
std::optional<Shard> shard_of_checkout(std::string_view token);

}  // namespace lntpay
