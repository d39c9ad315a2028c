// An amount as a user writes it, in satoshi or millisatoshi.
#pragma once
#include <optional>
#include <string_view>

#include "edge/http/schema.hpp"

namespace lntpay {

/// The amount under one of the two names; nullopt under none. Fails with invalid_request when both are given.
Result<std::optional<Msat>> amount_of(const Body& body, std::string_view in_sats, std::string_view in_msats);

/// As above, where there must be one.
Result<Msat> required_amount_of(const Body& body, std::string_view in_sats, std::string_view in_msats);

}  // namespace lntpay
