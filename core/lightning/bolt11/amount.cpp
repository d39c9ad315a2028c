// Reads and writes amounts exactly, with any multiplier.
#include "core/lightning/bolt11/amount.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "core/base/ascii.hpp"

namespace lntpay::bolt11 {
namespace {

struct Unit {
  char multiplier;  // 0: whole bitcoin
  std::uint64_t msat;
};

// p, a tenth of a millisatoshi, is not in the table: its last digit must be 0, and the digits before it are millisatoshis.
constexpr std::array<Unit, 4> units{{{0, 100'000'000'000}, {'m', 100'000'000}, {'u', 100'000}, {'n', 100}}};

}  // namespace

std::expected<Msat, Rejection> read_amount(std::string_view text) {
  const auto size = static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
  if (size == 0 || text.size() - size > 1) return reject(Reason::amount_malformed, size);
  auto digits = text.substr(0, size);
  const char multiplier = size < text.size() ? text[size] : char{0};
  std::uint64_t unit = 1;
  if (multiplier == 'p') {
    // "If the `p` multiplier is used the last decimal of `amount` MUST be `0`."
    if (digits.back() != '0') return reject(Reason::amount_below_one_msat, size - 1);
    if (digits.size() > 1) digits.remove_suffix(1);
  } else {
    const auto row = std::ranges::find(units, multiplier, &Unit::multiplier);
    if (row == units.end()) return reject(Reason::amount_multiplier_unknown, size);
    unit = row->msat;
  }
  if (digits == "0") return reject(Reason::amount_zero, 0);
  if (digits.front() == '0') return reject(Reason::amount_leading_zero, 0);
  std::uint64_t value = 0;
  for (const char c : digits) {
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (value > (msat_max.value / unit - digit) / 10) return reject(Reason::amount_too_large, 0);
    value = value * 10 + digit;
  }
  return Msat{value * unit};
}

std::string write_amount(Msat amount) {
  for (const auto& [multiplier, msat] : units) {
    if (amount.value % msat != 0) continue;
    auto text = std::to_string(amount.value / msat);
    if (multiplier != 0) text += multiplier;
    return text;
  }
  return std::to_string(amount.value) + "0p";
}

}  // namespace lntpay::bolt11
