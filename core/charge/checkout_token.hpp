// The link to the checkout page of a charge, or of a challenge. Its token has a MAC under the host's key, so an id or an invoice is
// not enough to build it.
//
//   <base_url>/pay/t7K01MCC5RM001W6HHN35RJDZ2PXD01MCC5RQ3S8A0GJZ2WQ1V9F4CMnRkO4p0Vx8Qyq3vHq2dLhQ
//               | workspace                   | charge                  | 16 bytes of the HMAC, base64url
//               t: test, l: live; ids without their fixed prefix
//
// A challenge is named by its payment hash, 43 characters of base64url, because its charge has no id before it is paid.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/charge/charge.hpp"
#include "core/tenant/settings.hpp"

namespace lntpay {

struct CheckoutPlace {
  TenantScope tenant;  ///< of the first generation; `enter_tenant` finds the current one
  ChargeId charge{};
  std::optional<Bytes32> challenge{};  ///< the payment hash, in place of a charge
};

/// Of the challenge if the charge has no id.
std::string checkout_url(const Settings& settings, const TenantScope& tenant, const Charge& charge);

/// nullopt if the MAC is wrong.
std::optional<CheckoutPlace> parse_checkout_token(const Settings& settings, std::string_view token);

/// `<base_url>/pay/{token}/verify`: a link for the wallet that asked for the invoice of a charge, which shows the preimage once it
/// is paid. Its token has another MAC than the checkout page's, so that who has one link has not the other.
std::string verify_url(const Settings& settings, const TenantScope& tenant, const Charge& charge);
std::optional<CheckoutPlace> parse_verify_token(const Settings& settings, std::string_view token);

/// The shard of the workspace, read without verifying the token.
std::optional<Shard> shard_of_checkout(std::string_view token);

}  // namespace lntpay
