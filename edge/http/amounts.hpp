// What a user writes for an amount or an invoice, as the core takes it.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "edge/http/schema.hpp"

namespace lntpay {

/// The amount under one of the two names; nullopt under none. Fails with invalid_request when both are given.
Result<std::optional<Msat>> amount_of(const Body& body, std::string_view in_sats, std::string_view in_msats);

/// As above, where there must be one.
Result<Msat> required_amount_of(const Body& body, std::string_view in_sats, std::string_view in_msats);

/// The invoice in a link: without "lightning:", in any case, which wallets put in front.
std::string invoice_text(std::string text);

}  // namespace lntpay
