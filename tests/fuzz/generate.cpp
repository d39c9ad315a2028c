// Generates invoices field by field, mostly at the limits of the specification.
#include "tests/fuzz/generate.hpp"

#include <algorithm>

#include "core/lightning/bolt11/bech32.hpp"
#include "tests/fuzz/parts.hpp"

namespace lntpay::fuzz {
namespace {

using namespace bolt11;

/// In [0, max], half of the time close to an end.
std::uint64_t up_to(Choices& choices, std::uint64_t max) {
  const auto value = choices.number(8);
  switch (choices.below(4)) {
    case 0: return std::min(value & 7, max);
    case 1: return max - std::min(value & 7, max);
    default: return max == UINT64_MAX ? value : (value >> choices.below(64)) % (max + 1);
  }
}

std::size_t size_up_to(Choices& choices, std::size_t max) {
  return static_cast<std::size_t>(choices.below(8) == 7 ? up_to(choices, max) : choices.below(9) % (max + 1));
}

Bytes bytes(Choices& choices, std::size_t size) {
  Bytes out(size);
  choices.fill(out);
  return out;
}

std::string groups(Choices& choices, std::size_t size) {
  std::string text(size, 'q');
  for (auto& c : text) c = bech32_alphabet[static_cast<std::size_t>(choices.below(32))];
  return text;
}

std::string utf8(Choices& choices) {
  constexpr std::string_view characters[] = {"a", "\n", "é", "₿", "\U0001F600", "|", {"\0", 1}, "Ω"};
  std::string text;
  for (auto i = size_up_to(choices, description_bytes_max); i > 0; --i) text += characters[choices.below(std::size(characters))];
  while (text.size() > description_bytes_max) text.pop_back();
  while (!text.empty() && (static_cast<std::uint8_t>(text.back()) & 0x80) != 0) text.pop_back();
  return text;
}

RouteHop hop(Choices& choices) {
  return {public_key(known_key()), choices.number(8), static_cast<std::uint32_t>(choices.number(4)),
          static_cast<std::uint32_t>(choices.number(4)), static_cast<std::uint16_t>(choices.number(2))};
}

Fallback fallback(Choices& choices) {
  const auto version = static_cast<std::uint8_t>(choices.below(19));
  const std::size_t sizes[] = {20, 32};
  const auto size = version > 16 ? 20 : version == 0 ? sizes[choices.below(2)] : 2 + static_cast<std::size_t>(choices.below(39));
  return {version, bytes(choices, size)};
}

RawField unknown_field(Choices& choices) {
  constexpr std::string_view types = "qzy8g2tvw03j54ke6ua7l";
  return {types[static_cast<std::size_t>(choices.below(types.size()))], groups(choices, size_up_to(choices, field_groups_max))};
}

RawField ignored_field(Choices& choices) {
  constexpr std::string_view types = "pshnf";
  const char type = types[static_cast<std::size_t>(choices.below(types.size()))];
  if (type == 'f')
    return {type, bech32_alphabet[static_cast<std::size_t>(19 + choices.below(13))] + groups(choices, size_up_to(choices, 60))};
  auto size = size_up_to(choices, field_groups_max);
  if (size == (type == 'n' ? 53 : 52)) ++size;
  return {type, groups(choices, size)};
}

void spoil(Invoice& invoice, Choices& choices) {
  switch (choices.below(13)) {
    case 0: invoice.amount = 0_msat; break;
    case 1: invoice.amount = Msat{msat_max.value + 1 + up_to(choices, UINT64_MAX - msat_max.value - 1)}; break;
    case 2: invoice.timestamp_s = timestamp_s_max + 1 + up_to(choices, UINT64_MAX - timestamp_s_max - 1); break;
    case 3: invoice.expiry_s = expiry_s_max + 1 + up_to(choices, UINT64_MAX - expiry_s_max - 1); break;
    case 4: invoice.description = std::string(640, 'x'); break;
    case 5: invoice.description = "\xc0\x80"; break;
    case 6: invoice.features = {100}; break;
    case 7: invoice.features = {9, 9}; break;
    case 8: invoice.routes.emplace_back(); break;
    case 9: invoice.fallbacks.push_back({0, Bytes(21)}); break;
    case 10: invoice.metadata = Bytes(640); break;
    case 11: invoice.unknown_fields.push_back({'p', ""}); break;
    default: invoice.ignored_fields.push_back({'p', std::string(52, 'q')}); break;
  }
}

}  // namespace

std::uint64_t Choices::number(std::size_t bytes) {
  std::uint64_t value = 0;
  for (; bytes > 0 && !left_.empty(); --bytes, left_ = left_.subspan(1)) value = value << 8 | left_.front();
  return value;
}

void Choices::fill(std::span<std::uint8_t> out) {
  for (auto& byte : out) byte = static_cast<std::uint8_t>(number(1));
}

Generated generate(Choices& choices) {
  Generated made;
  auto& invoice = made.invoice;
  invoice.network = static_cast<Network>(choices.below(5));
  if (choices.yes()) invoice.amount = Msat{1 + up_to(choices, msat_max.value - 1)};
  invoice.timestamp_s = up_to(choices, timestamp_s_max);
  choices.fill(invoice.payment_hash);
  choices.fill(invoice.payment_secret);
  if (choices.yes()) {
    invoice.description = utf8(choices);
  } else {
    choices.fill(invoice.description.emplace<DescriptionHash>().sha256);
  }
  if (choices.yes()) invoice.expiry_s = up_to(choices, expiry_s_max);
  if (choices.yes()) invoice.min_final_cltv = static_cast<std::uint32_t>(up_to(choices, UINT32_MAX));
  constexpr std::uint16_t bits[] = {1, 7, 8, 14, 17, 24, 25, 36, 48, 49, 99, 263, 5'113};
  for (const auto bit : bits) {
    if (choices.below(4) == 3) invoice.features.push_back(bit);
  }
  for (auto i = choices.below(4); i > 0; --i) {
    auto& hint = invoice.routes.emplace_back();
    for (auto k = 1 + size_up_to(choices, 11); k > 0; --k) hint.push_back(hop(choices));
  }
  for (auto i = choices.below(3); i > 0; --i) invoice.fallbacks.push_back(fallback(choices));
  if (choices.yes()) invoice.metadata = bytes(choices, size_up_to(choices, description_bytes_max));
  for (auto i = choices.below(3); i > 0; --i) invoice.unknown_fields.push_back(unknown_field(choices));
  for (auto i = choices.below(3); i > 0; --i) invoice.ignored_fields.push_back(ignored_field(choices));
  invoice.payee_stated = choices.yes();
  made.spoilt = choices.below(8) == 7;
  if (made.spoilt) spoil(invoice, choices);
  return made;
}

}  // namespace lntpay::fuzz
