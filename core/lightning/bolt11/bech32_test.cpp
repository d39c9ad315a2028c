// Bech32: BIP 173's strings, every kind of invalid string, and packing of groups.
#include "core/lightning/bolt11/bech32.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace bech32_test {
using namespace lntpay;
using namespace lntpay::bolt11;

namespace {

std::string verdict(std::string_view text) {
  Bech32 parts;
  const auto read = Bech32::read(text, parts);
  if (!read) return std::string{name(read.error().reason)} + " at " + std::to_string(read.error().at);
  return std::string{parts.prefix()} + " " + std::to_string(parts.data().size());
}

}  // namespace

TEST_CASE("the valid strings of BIP 173 are read") {
  CHECK(verdict("A12UEL5L") == "a 0");
  CHECK(verdict("a12uel5l") == "a 0");
  CHECK(verdict("an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs") ==
        "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio 0");
  CHECK(verdict("abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw") == "abcdef 32");
  CHECK(verdict("split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w") == "split 48");
  CHECK(verdict("?1ezyfcl") == "? 0");
}

TEST_CASE("every invalid string has its reason and position") {
  CHECK(verdict("\x20"
                "1nwldj5") == "character_invalid at 0");
  CHECK(verdict("\x7f"
                "1axkwrx") == "character_invalid at 0");
  CHECK(verdict("\x80"
                "1eym55h") == "character_invalid at 0");
  CHECK(verdict("pzry9x0s0muk") == "separator_missing at 0");
  CHECK(verdict("1pzry9x0s0muk") == "prefix_empty at 0");
  CHECK(verdict("x1b4n0q5v") == "character_invalid at 2");
  CHECK(verdict("li1dgmt3") == "checksum_missing at 8");
  CHECK(verdict("A1G7SGD8") == "checksum_wrong at 0");
  CHECK(verdict("a12UEL5L") == "case_mixed at 3");
  CHECK(verdict("") == "separator_missing at 0");
  CHECK(verdict("1") == "prefix_empty at 0");
  CHECK(verdict(std::string_view{"a\0"
                                 "12uel5l",
                                 9}) == "character_invalid at 1");
  CHECK(verdict("a1lqfn3a") == "checksum_wrong at 0");  // valid as bech32m: another constant
}

TEST_CASE("a string of 7089 characters is read, a longer one is rejected") {
  const std::string longest = bech32("ln", std::vector<std::uint8_t>(length_max - 3 - checksum_groups, 7));
  CHECK(longest.size() == length_max);
  CHECK(verdict(longest) == "ln 7080");
  CHECK(verdict(longest + "q") == "too_long at 0");
  CHECK(verdict(std::string(1 << 20, '\xff')) == "too_long at 0");
}

TEST_CASE("any single changed character is detected") {
  const std::string good = "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w";
  for (std::size_t i = 6; i < good.size(); ++i) {
    for (const char c : bech32_alphabet) {
      if (c == good[i]) continue;
      auto bad = good;
      bad[i] = c;
      CHECK(verdict(bad) == "checksum_wrong at 0");
    }
  }
}

TEST_CASE("a written string is read back in either case") {
  std::vector<std::uint8_t> groups;
  for (std::uint8_t i = 0; i < 32; ++i) {
    auto text = bech32("lnbc20m", groups);
    CHECK(verdict(text) == "lnbc20m " + std::to_string(groups.size()));
    for (auto& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    CHECK(verdict(text) == "lnbc20m " + std::to_string(groups.size()));
    groups.push_back(i);
  }
}

TEST_CASE("groups are packed from the top, and padding must be zero and short") {
  const std::vector<std::uint8_t> groups{31, 0, 31, 0, 31, 0, 31, 0, 31, 28};
  std::array<std::uint8_t, 6> bytes{};
  pack(groups, bytes);
  CHECK(bytes == std::array<std::uint8_t, 6>{0xf8, 0x3e, 0x0f, 0x83, 0xe0, 0xff});
  CHECK(padding_is_zero(groups));
  for (std::uint8_t last = 0; last < 32; ++last) CHECK(padding_is_zero(std::vector<std::uint8_t>{0, last}) == (last % 4 == 0));
  CHECK(padding_is_zero({}));
  CHECK_FALSE(padding_is_zero(std::vector<std::uint8_t>{0}));        // five bits and no byte
  CHECK_FALSE(padding_is_zero(std::vector<std::uint8_t>{0, 0, 0}));  // seven bits after a byte
  CHECK(padding_is_zero(std::vector<std::uint8_t>(8, 31)));
}

}  // namespace bech32_test
