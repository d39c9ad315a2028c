// What the workspaces of an environment are owed, all together, against what the node has in its channels: the operator's
// reconciliation.
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
  JsonArray unexplained;     ///< of this call: {workspace, suspense_msat} of those in whose suspense something is
  std::string last;          ///< the last shard that was added; empty: from the first, and in the end: all were
  std::optional<Msat> node;  ///< what the node has in its channels; nullopt: not all are added, or its means have no limit
};

/// "Ab.3.21000.0.-5": where the next call goes on, with what these came to.
std::string totals_text(const Totals& totals);
std::optional<Totals> parse_totals(std::string_view text);

inline constexpr std::uint32_t shards_added_max = 500;

/// Adds the workspaces of up to `limit` more shards of those that have any, and once all are added asks the node what it has; what
/// is on its chain wallet is not counted. Money that moves between two workspaces' reads is counted as it was in each: the sum is
/// of no single moment while payments come in. Fails with node_unavailable once all is added.
Task<Result<>> add_totals(Context& cx, Environment environment, std::uint32_t limit, Totals& totals);

}  // namespace lntpay
