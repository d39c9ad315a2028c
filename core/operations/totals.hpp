// The operator's reconciliation: the balances of all workspaces of an environment against the funds in the node's channels.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/base/json.hpp"
#include "core/tenant/context.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

struct Totals {
  std::uint64_t workspaces = 0;
  Msat available;
  Msat locked;
  std::int64_t suspense_msat = 0;
  JsonArray unexplained;     ///< of this call: the `suspense_object` of each workspace with a suspense other than 0
  std::string last;          ///< the last shard or workspace that was added; empty at the start and when all are added
  std::optional<Msat> node;  ///< the node's funds in channels; nullopt: not all shards are added, or the node has no limit
};

/// "Ab.3.21000.0.-5" or "Ab/ws_….3.21000.0.-5": the last shard, or the last workspace of one that was not finished, and the sums so
/// far, to resume from.
std::string totals_text(const Totals& totals);
std::optional<Totals> parse_totals(std::string_view text);

inline constexpr std::uint32_t totals_rows_max = 500;

/// Adds up to `limit` more shards and workspaces, which count one each; after the last one, gets the node's funds, without its
/// on-chain wallet. The sum is not a snapshot: each workspace counts as it was when it was read. A damaged name of a shard or a
/// workspace is left out, with an alarm. Fails with node_unavailable after the last shard.
Task<Result<>> add_totals(Context& cx, Environment environment, std::uint32_t limit, Totals& totals);

}  // namespace lntpay
