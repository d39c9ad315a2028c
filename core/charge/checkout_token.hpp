// The link to a charge's checkout page. Its token is made under the host's key: whoever knows an id or an invoice has no link.
//
//   <base_url>/pay/t7K01MCC5RM001W6HHN35RJDZ2PXD01MCC5RQ3S8A0GJZ2WQ1V9F4CMnRkO4p0Vx8Qyq3vHq2dLhQ
//               | workspace                   | charge                  | 16 bytes of the HMAC, base64url
//               t: test, l: live; ids without what every such id begins with
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/charge/charge.hpp"
#include "core/tenant/settings.hpp"

namespace lntpay {

struct CheckoutPlace {
  TenantScope tenant;  ///< of the first generation: `enter_tenant` knows the present one
  ChargeId charge;
};

std::string checkout_url(const Settings& settings, const TenantScope& tenant, const ChargeId& charge);

/// nullopt where we did not make it.
std::optional<CheckoutPlace> parse_checkout_token(const Settings& settings, std::string_view token);

/// Where the charge lives, before anything is known of the token but its form.
std::optional<Shard> shard_of_checkout(std::string_view token);

}  // namespace lntpay
