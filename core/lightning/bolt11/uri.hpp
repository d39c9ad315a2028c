// "lightning:", the scheme of links to wallets, which people paste with the invoice. It is no part of the invoice: it is taken off
// where a user's text comes in, and nowhere else.
#pragma once
#include <string_view>

#include "core/base/ascii.hpp"

namespace lntpay::bolt11 {

/// The text after "lightning:", in any case; all of it where there is no such scheme.
constexpr std::string_view without_scheme(std::string_view text) {
  constexpr std::string_view scheme = "lightning:";
  return equal_ignoring_case(text.substr(0, scheme.size()), scheme) ? text.substr(scheme.size()) : text;
}

}  // namespace lntpay::bolt11
