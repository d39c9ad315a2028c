// The object `challenge` of the API: its fields and how they are read.
#pragma once
#include <string>
#include <vector>

#include "core/base/object.hpp"
#include "core/charge/charge_object.hpp"

namespace lntpay {

struct ChallengeView {
  const std::vector<std::string>& offers;
  ChargeView charge;
};

inline constexpr auto challenge_object = object_of<ChallengeView>(
    kind_member<"challenge">(),
    member("www_authenticate", "The WWW-Authenticate headers to send with your 402 or 401, one line each.",
           [](const auto& v) { return text_list(v.offers); }),
    member("payment_hash", "The payment hash of the invoice, by which you recognise the charge once it is paid.",
           [](const auto& v) { return v.charge.charge.payment_hash; }),
    member("bolt11", "The invoice to pay.", [](const auto& v) { return std::string_view(v.charge.charge.bolt11); }),
    member("amount_sats", "The price.", [](const auto& v) { return sats_up(least_of(v.charge.charge)); }),
    member("amount_msat", "The price.", [](const auto& v) { return least_of(v.charge.charge); }),
    member("expires_at", "When the invoice expires.", [](const auto& v) { return v.charge.charge.expires_at; }),
    member("checkout_url", "The page on which a person pays the invoice.",
           [](const auto& v) { return checkout_url(v.charge.settings, v.charge.tenant, v.charge.charge); }),
    member("environment", "test or live", [](const auto& v) { return v.charge.tenant.environment; }));

inline constexpr auto challenge_fields = challenge_object.fields();

}  // namespace lntpay
