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

inline constexpr auto challenge_object =
    object_of<ChallengeView>(kind_member<"challenge">(),
                             member("www_authenticate", "The WWW-Authenticate headers to send with your 402 or 401, one line each.",
                                    [](const auto& v) { return text_list(v.offers); }),
                             member("charge", "The charge whose payment the challenge asks for.", [](const auto& v) {
                               const auto& [settings, charge, tenant] = v.charge;
                               return Described<charge_object>{charge_json(settings, charge, tenant)};
                             }));

inline constexpr auto challenge_fields = challenge_object.fields();

}  // namespace lntpay
