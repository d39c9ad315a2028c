// Decimal integers in text: the one parser for settings, protocol fields and rows.
#pragma once
#include <charconv>
#include <concepts>
#include <limits>
#include <optional>
#include <string_view>

namespace lntpay {

/// The integer that the whole of `text` spells in decimal digits: no blanks, no '+', and '-' only where `Integer` is signed.
/// Leading zeros are accepted. nullopt for any other text, and for a value that `Integer` cannot hold or that exceeds `max`.
template <std::integral Integer>
std::optional<Integer> parse_integer(std::string_view text, Integer max = std::numeric_limits<Integer>::max()) {
  Integer value{};
  const auto* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || at != end || value > max) return std::nullopt;
  return value;
}

}  // namespace lntpay
