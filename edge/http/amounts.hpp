// An amount of a request, in satoshi or millisatoshi.
#pragma once
#include <optional>
#include <string_view>

#include "edge/http/schema.hpp"

namespace lntpay {

/// The amount in one of the two fields; nullopt if there is none. Fails with invalid_request if both are given.
Result<std::optional<Msat>> amount_of(const Body& body, std::string_view in_sats, std::string_view in_msats);

/// The same where one is required.
Result<Msat> required_amount_of(const Body& body, std::string_view in_sats, std::string_view in_msats);

}  // namespace lntpay
