// Withdrawal limits of an API key: per withdrawal and per day (UTC, by the host's clock). The commit that locks a withdrawal counts
// amount and fee limit. Refunds of unused fees and failed payments are not subtracted: the limit bounds how much a leaked key can
// start.
#pragma once
#include <optional>

#include "core/access/api_key.hpp"
#include "core/tenant/context.hpp"
#include "core/withdrawal/withdrawal.hpp"

namespace lntpay {

/// An amount in satoshi, for messages: "505", or "505.25".
std::string sats_text(Msat amount);

/// The API key that requests a withdrawal.
struct Spender {
  KeyId key;
  WithdrawLimits limits;
};

/// `{tenant}/key_day/{key id}`: the total that the key's withdrawals locked on the last day with one.
struct KeyDay {
  static constexpr int row_version = 1;
  std::uint64_t day = 0;  ///< since 1970
  Msat locked;

  auto fields(this auto& self) { return std::tie(self.day, self.locked); }
};

/// The key's limits, and its total of today.
struct Allowance {
  WithdrawLimits limits;
  std::string row_key;
  std::optional<Entry> read;
  KeyDay today;

  /// limit_exceeded with the limit as details, if `asked` would exceed one.
  [[nodiscard]] std::optional<Error> refusal(Msat asked) const;
  /// Adds to the total of the day in this batch.
  void count(WriteBatch& batch, Msat locked) const;
};

/// Reads nothing for a key without a daily limit.
Task<Result<Allowance>> load_allowance(Context& cx, TenantScope tenant, Spender spender);

}  // namespace lntpay
