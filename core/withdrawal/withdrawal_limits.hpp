// What an API key may withdraw: each time, and on one day (UTC, by the host's clock). Counted is what a withdrawal locks, fee limit
// included, in the commit that locks it; what comes back later, of a fee or of a payment that failed, is not counted back: a limit
// bounds what whoever has the key can set in motion.
#pragma once
#include <optional>

#include "core/access/api_key.hpp"
#include "core/tenant/context.hpp"
#include "core/withdrawal/withdrawal.hpp"

namespace lntpay {

/// Who asks for a withdrawal.
struct Spender {
  KeyId key;
  WithdrawLimits limits;
};

/// `{tenant}/key_day/{key id}`: what the key's withdrawals locked on its last day with one.
struct KeyDay {
  static constexpr int row_version = 1;
  std::uint64_t day = 0;  ///< since 1970
  Msat locked;

  auto fields(this auto& self) { return std::tie(self.day, self.locked); }
};

/// The key's day as it was read: today's, or a new one.
struct Allowance {
  WithdrawLimits limits;
  std::string row_key;
  std::optional<Entry> read;
  KeyDay today;

  /// The refusal of what would be too much: limit_exceeded, details say which limit.
  [[nodiscard]] std::optional<Error> refusal(Msat asked) const;
  /// Counts what is locked in this batch.
  void count(WriteBatch& batch, Msat locked) const;
};

/// Reads nothing for a key without a daily limit.
Task<Result<Allowance>> load_allowance(Context& cx, TenantScope tenant, Spender spender);

}  // namespace lntpay
