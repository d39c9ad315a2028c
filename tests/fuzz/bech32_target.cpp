// Fuzzes bech32: the decoder against a second one written after BIP 173, and round trips.
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/lightning/bolt11/bech32.hpp"
#include "tests/fuzz/expect.hpp"

using namespace lntpay;
using namespace lntpay::bolt11;
using lntpay::fuzz::expect;
using lntpay::fuzz::expect_equal;

namespace {

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
char to_upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

std::string mapped(std::string_view text, char (*each)(char)) {
  std::string out{text};
  std::ranges::transform(out, out.begin(), each);
  return out;
}

std::uint32_t polymod(const std::vector<std::uint8_t>& values) {
  constexpr std::uint32_t rows[] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
  std::uint32_t check = 1;
  for (const auto value : values) {
    const auto top = check >> 25;
    check = (check & 0x1ffffff) << 5 ^ value;
    for (std::uint32_t i = 0; i < 5; ++i) check ^= (top >> i & 1) != 0 ? rows[i] : 0;
  }
  return check;
}

/// The groups without their checksum; nothing for what is no bech32 string.
std::optional<std::vector<std::uint8_t>> read_by_the_book(std::string_view text) {
  const auto lower = mapped(text, to_lower);
  const auto separator = lower.rfind('1');
  if (text.size() > length_max || (text != lower && text != mapped(text, to_upper))) return std::nullopt;
  if (separator == std::string::npos || separator == 0 || lower.size() - separator <= checksum_groups) return std::nullopt;
  if (!std::ranges::all_of(text, [](char c) { return c >= 33 && c <= 126; })) return std::nullopt;
  std::vector<std::uint8_t> expanded;
  for (const char c : lower.substr(0, separator)) expanded.push_back(static_cast<std::uint8_t>(c >> 5));
  expanded.push_back(0);
  for (const char c : lower.substr(0, separator)) expanded.push_back(static_cast<std::uint8_t>(c & 31));
  const auto data_at = static_cast<std::ptrdiff_t>(expanded.size());
  for (const char c : lower.substr(separator + 1)) {
    const auto group = bech32_alphabet.find(c);
    if (group == std::string_view::npos) return std::nullopt;
    expanded.push_back(static_cast<std::uint8_t>(group));
  }
  if (polymod(expanded) != 1) return std::nullopt;
  return std::vector(expanded.begin() + data_at, expanded.end() - static_cast<std::ptrdiff_t>(checksum_groups));
}

void check_reading(std::string_view text) {
  static Bech32 read;
  const auto verdict = Bech32::read(text, read);
  const auto expected = read_by_the_book(text);
  expect(verdict.has_value() == expected.has_value(), "both readers take the same texts");
  if (!verdict) return expect(verdict.error().at <= text.size(), "a fault lies in the text");
  expect(std::ranges::equal(read.data(), *expected), "both readers see the same groups");
  const auto lower = mapped(text, to_lower);
  expect_equal(bech32(read.prefix(), read.data()), lower, "what is read is written again");
}

void check_packing(Groups groups) {
  std::string bits;
  for (const auto group : groups) {
    for (int i = 4; i >= 0; --i) bits += (group >> i & 1) != 0 ? '1' : '0';
  }
  const auto whole = bits.size() / 8;
  std::vector<std::uint8_t> bytes(whole);
  pack(groups, bytes);
  std::string packed;
  for (const auto byte : bytes) {
    for (int i = 7; i >= 0; --i) packed += (byte >> i & 1) != 0 ? '1' : '0';
  }
  expect_equal(packed, bits.substr(0, whole * 8), "bytes are the bits of the groups");
  const auto left = bits.substr(whole * 8);
  expect(padding_is_zero(groups) == (left.size() < 5 && !left.contains('1')), "padding is what is left over");
}

// The input as a length of the prefix, the prefix, and the groups after it.
void check_writing(std::string_view input) {
  if (input.size() < 2) return;
  std::string prefix;
  for (const char c : input.substr(1, static_cast<std::uint8_t>(input[0]) % 16U + 1U))
    prefix += to_lower(static_cast<char>(33 + static_cast<std::uint8_t>(c) % 94));
  std::vector<std::uint8_t> groups;
  for (const char c : input.substr(1 + prefix.size())) groups.push_back(static_cast<std::uint8_t>(c) & 31);
  const auto text = bech32(prefix, groups);
  check_packing(groups);
  check_reading(text);
  static Bech32 read;
  if (text.size() > length_max) return;
  expect(Bech32::read(text, read).has_value(), "what is written is read");
  expect(read.prefix() == prefix && std::ranges::equal(read.data(), groups), "as it was");

  auto wrong = text;
  auto& changed = wrong[prefix.size() + 1 + static_cast<std::uint8_t>(input[1]) % (groups.size() + checksum_groups)];
  changed = changed == 'q' ? 'p' : 'q';
  expect(!Bech32::read(wrong, read), "a changed character is found");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  check_reading(input);
  check_writing(input);
  return 0;
}
