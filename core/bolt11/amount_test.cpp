// Amounts: published cases, every multiplier at its edges, and all small amounts there and back.
#include "core/bolt11/amount.hpp"

#include <doctest/doctest.h>

using namespace lntpay;
using namespace lntpay::bolt11;

namespace {

std::string read(std::string_view text) {
  const auto amount = read_amount(text);
  return amount ? std::to_string(amount->value) : std::string{name(amount.error().reason)};
}

}  // namespace

TEST_CASE("an amount is read exactly, with the largest multiplier or another") {
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

TEST_CASE("what is not an amount has its own reason") {
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

TEST_CASE("the writer takes the shortest text") {
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

TEST_CASE("every amount comes back, and its text is never longer than with another multiplier") {
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
