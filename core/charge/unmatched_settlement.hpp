// Settlements of the node that are for no charge and no challenge: of other users of the same node, as a rule. They are counted,
// and the last thousand are kept for the operator, who can tell whether one of them should have been ours.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/storage/row.hpp"
#include "core/tenant/context.hpp"

namespace lntpay {

/// Row `00/node/live/unmatched/{number modulo unmatched_kept}`.
struct UnmatchedSettlement {
  static constexpr int row_version = 1;
  std::uint64_t number = 0;  ///< 1 is the first
  Bytes32 payment_hash{};
  Msat paid;
  std::optional<UnixMillis> settled_at;
  auto fields(this auto& self) { return std::tie(self.number, self.payment_hash, self.paid, self.settled_at); }
};

/// Row `00/node/live/unmatched_count`.
struct UnmatchedCount {
  static constexpr int row_version = 1;
  std::uint64_t count = 0;
  auto fields(this auto& self) { return std::tie(self.count); }
};

inline constexpr std::uint64_t unmatched_kept = 1'000;
std::string unmatched_key(std::uint64_t number);
inline constexpr std::string_view unmatched_count_key = "00/node/live/unmatched_count";

/// Numbers them and adds their rows to a batch of shard 00, which then checks the count. At most `unmatched_kept`.
Task<Result<>> add_unmatched(Context& cx, WriteBatch& batch, std::vector<UnmatchedSettlement> unmatched);

/// Those that are kept, newest first, and the number of all.
struct UnmatchedSettlements {
  std::uint64_t count = 0;
  std::vector<UnmatchedSettlement> kept;
};
Task<Result<UnmatchedSettlements>> load_unmatched(Context& cx);

}  // namespace lntpay
