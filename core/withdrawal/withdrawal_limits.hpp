// Withdrawal limits of an API key: per withdrawal and per day (UTC, by the host's clock). The commit that locks a withdrawal counts
// amount and fee limit, against the key and every key above it that has a daily limit. Refunds of unused fees and failed payments
// are not subtracted: the limit bounds how much a leaked key can start.
#pragma once
#include <optional>
#include <vector>

#include "core/access/api_key.hpp"
#include "core/tenant/context.hpp"
#include "core/withdrawal/withdrawal.hpp"

namespace lntpay {

/// An amount in satoshi, for messages: "505", or "505.25".
std::string sats_text(Msat amount);

/// The API key that requests a withdrawal.
struct Spender {
  KeyId key;
  WithdrawLimits limits{};
  std::vector<Ancestor> ancestors{};

  static Spender of(const ApiKey& key) { return {key.id, key.grant.limits, key.ancestors}; }
};

/// `{tenant}/key_day/{key id}`: the total that the withdrawals of the key and of those below it locked on the last day with one.
struct KeyDay {
  static constexpr int row_version = 1;
  std::uint64_t day = 0;  ///< since 1970
  Msat locked;

  auto fields(this auto& self) { return std::tie(self.day, self.locked); }
};

/// The day to count on, from the stored one and the clock's. A clock that stepped back does not reset the total; one that was far
/// ahead does not block the key until then.
KeyDay current_day(const std::optional<KeyDay>& stored, std::uint64_t today);

/// A daily limit, of the key or of one above it, and its total of today.
struct DailyAllowance {
  Msat limit;
  std::string row_key;
  std::optional<Entry> read;
  KeyDay today;
};

struct Allowance {
  std::optional<Msat> each;
  bool own_daily = false;             ///< the first of `daily` is the key's own
  std::vector<DailyAllowance> daily;  ///< of the key and of those above it

  /// limit_exceeded with the limit as details, if `asked` would exceed one.
  [[nodiscard]] std::optional<Error> refusal(Msat asked) const;
  /// Adds to the totals of the day in this batch.
  void count(WriteBatch& batch, Msat locked) const;
};

/// Reads nothing where no daily limit applies.
Task<Result<Allowance>> load_allowance(Context& cx, TenantScope tenant, Spender spender);

}  // namespace lntpay
