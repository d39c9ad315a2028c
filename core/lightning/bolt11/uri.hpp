// "lightning:", the URI scheme that people paste with an invoice. It is not part of the invoice; only code that reads user input
// strips it.
#pragma once
#include <string_view>

#include "core/base/ascii.hpp"

namespace lntpay::bolt11 {

/// The text without a leading "lightning:" in any case.
constexpr std::string_view without_scheme(std::string_view text) {
  constexpr std::string_view scheme = "lightning:";
  return equal_ignoring_case(text.substr(0, scheme.size()), scheme) ? text.substr(scheme.size()) : text;
}

}  // namespace lntpay::bolt11
