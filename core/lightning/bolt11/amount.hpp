// The amount in an invoice's prefix: digits and at most one multiplier, in bitcoin.
#pragma once
#include <expected>
#include <string>
#include <string_view>

#include "core/base/units.hpp"
#include "core/lightning/bolt11/errors.hpp"

namespace lntpay::bolt11 {

/// The exact value of `text` ("2500u"), which must not be empty. Accepts any multiplier, not only the largest possible: both are in
/// use. `at` of a rejection counts from the start of `text`.
/// Fails with: amount_*.
std::expected<Msat, Rejection> read_amount(std::string_view text);

/// The shortest text. The amount is between 1 msat and `msat_max`.
std::string write_amount(Msat amount);

}  // namespace lntpay::bolt11
