// Amounts: published cases, every multiplier at its limits, and round trips of all small amounts.
#include "core/lightning/bolt11/amount.hpp"

#include <doctest/doctest.h>

namespace amount_test {
using namespace lntpay;
using namespace lntpay::bolt11;

namespace {

std::string read(std::string_view text) {
  const auto amount = read_amount(text);
  return amount ? std::to_string(amount->value) : std::string{name(amount.error().reason)};
}

// The value of a text, computed by shifting the decimal point of a string of digits in tenths of a millisatoshi: millisatoshis, or
// the possible reasons.
std::string meant(const std::string& digits, char multiplier) {
  const std::size_t zeros = multiplier == 0 ? 12 : multiplier == 'm' ? 9 : multiplier == 'u' ? 6 : multiplier == 'n' ? 3 : 0;
  auto tenths = digits + std::string(zeros, '0');
  if (tenths.back() != '0') return "amount_below_one_msat";
  if (digits.front() == '0') return "amount_zero amount_leading_zero";
  tenths.pop_back();
  const std::string most = "2100000000000000000";
  const bool fits = tenths.size() < most.size() || (tenths.size() == most.size() && tenths <= most);
  return fits ? tenths : "amount_too_large";
}

void check_meaning(const std::string& digits) {
  for (const char multiplier : {'\0', 'm', 'u', 'n', 'p'}) {
    const auto text = multiplier == 0 ? digits : digits + multiplier;
    const auto answer = read(text);
    if (const auto expected = meant(digits, multiplier); !expected.contains(answer) || (answer[0] != 'a' && answer != expected)) {
      CAPTURE(text);
      CHECK(answer == expected);
    }
  }
}

}  // namespace

TEST_CASE("up to five digits with any multiplier equal a shift of the decimal point") {
  std::string digits;
  for (unsigned width = 1, count = 10; width <= 5; ++width, count *= 10) {
    for (unsigned value = 0; value < count; ++value) {
      digits = std::to_string(value);
      digits.insert(0, width - digits.size(), '0');
      check_meaning(digits);
    }
  }
}

TEST_CASE("numbers of up to forty digits do not wrap around") {
  for (std::size_t width = 1; width <= 40; ++width) {
    for (const char first : std::string_view{"123456789"}) {
      for (const char rest : std::string_view{"09"}) {
        auto digits = first + std::string(width - 1, rest);
        check_meaning(digits);
        digits.back() = '0';
        check_meaning(digits);
      }
    }
    // 21 million bitcoin in every unit, one below and one above.
    for (const auto* edge : {"21", "209", "211"}) check_meaning(edge + std::string(width, '0'));
    for (const auto* edge : {"20", "21"}) check_meaning(edge + std::string(width, edge[1] == '0' ? '9' : '0') + "1");
  }
}

TEST_CASE("an amount is read exactly with any multiplier") {
  const struct {
    std::string_view text, msat;
  } cases[] = {{"20m", "2000000000"},
               {"2500u", "250000000"},
               {"9678785340p", "967878534"},
               {"10p", "1"},
               {"1n", "100"},
               {"1u", "100000"},
               {"1m", "100000000"},
               {"1", "100000000000"},
               {"2000m", "200000000000"},
               {"1000000n", "100000000"},
               {"1000000000p", "100000000"},
               {"21000000", "2100000000000000000"},
               {"21000000000m", "2100000000000000000"},
               {"21000000000000000000p", "2100000000000000000"},
               {"20999999999999999990p", "2099999999999999999"}};
  for (const auto& [text, msat] : cases) {
    CAPTURE(text);
    CHECK(read(text) == msat);
  }
}

TEST_CASE("every malformed amount has its own reason") {
  const struct {
    std::string_view text, reason;
  } cases[] = {{"m", "amount_malformed"},
               {"20n00", "amount_malformed"},
               {"2000mm", "amount_malformed"},
               {"-10p", "amount_malformed"},
               {"1.5m", "amount_malformed"},
               {"2000y", "amount_multiplier_unknown"},
               {"1M", "amount_multiplier_unknown"},
               {"1p", "amount_below_one_msat"},
               {"1109p", "amount_below_one_msat"},
               {"0", "amount_zero"},
               {"0m", "amount_zero"},
               {"0p", "amount_zero"},
               {"00p", "amount_zero"},
               {"01", "amount_leading_zero"},
               {"00m", "amount_leading_zero"},
               {"010p", "amount_leading_zero"},
               {"21000001", "amount_too_large"},
               {"21000000001m", "amount_too_large"},
               {"21000000000000000010p", "amount_too_large"},
               {"18446744073709551616", "amount_too_large"},
               {"184467440737095516160n", "amount_too_large"},
               {"99999999999999999999999999999999999999990p", "amount_too_large"}};
  for (const auto& [text, reason] : cases) {
    CAPTURE(text);
    CHECK(read(text) == reason);
  }
}

TEST_CASE("the writer uses the shortest text") {
  CHECK(write_amount(1_msat) == "10p");
  CHECK(write_amount(120_msat) == "1200p");
  CHECK(write_amount(100_msat) == "1n");
  CHECK(write_amount(1_sat) == "10n");
  CHECK(write_amount(100_sat) == "1u");
  CHECK(write_amount(123'400'000_sat) == "1234m");
  CHECK(write_amount(100'000'000_sat) == "1");
  CHECK(write_amount(msat_max) == "21000000");
  CHECK(write_amount({msat_max.value - 1}) == "20999999999999999990p");
}

TEST_CASE("every amount round-trips, in its shortest text") {
  for (std::uint64_t scale = 1; scale <= msat_max.value / 1'000; scale *= 10) {
    for (std::uint64_t factor = 1; factor < 1'000; factor += 7) {
      const Msat amount{scale * factor};
      const auto text = write_amount(amount);
      CAPTURE(text);
      CHECK(read_amount(text) == amount);
      for (const auto& [suffix, unit] :
           {std::pair{"", 100'000'000'000ULL}, {"m", 100'000'000ULL}, {"u", 100'000ULL}, {"n", 100ULL}}) {
        if (amount.value % unit != 0) continue;
        const auto other = std::to_string(amount.value / unit) + suffix;
        CHECK(read_amount(other) == amount);
        CHECK(text.size() <= other.size());
      }
    }
  }
}

}  // namespace amount_test
