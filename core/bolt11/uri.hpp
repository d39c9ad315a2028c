// "lightning:", the scheme of links to wallets, which people paste with the invoice. It is no part of the invoice: it is taken off
// where a user's text comes in, and nowhere else.
#pragma once
#include <cstddef>
#include <string_view>

namespace lntpay::bolt11 {

/// The text after "lightning:", in any case; all of it where there is no such scheme.
constexpr std::string_view without_scheme(std::string_view text) {
  constexpr std::string_view scheme = "lightning:";
  if (text.size() < scheme.size()) return text;
  for (std::size_t i = 0; i < scheme.size(); ++i) {
    const char c = text[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != scheme[i]) return text;
  }
  return text.substr(scheme.size());
}

}  // namespace lntpay::bolt11
