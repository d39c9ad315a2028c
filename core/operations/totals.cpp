// Adds up the workspaces shard by shard; `00/shard/{xx}` lists the shards with workspaces.
#include "core/operations/totals.hpp"

#include <algorithm>

#include "core/ledger/verification.hpp"
#include "core/lightning/node/node.hpp"
#include "core/operations/reconciliation_objects.hpp"
#include "core/storage/read_budget.hpp"
#include "core/storage/row.hpp"
#include "core/tenant/enter_tenant.hpp"

namespace lntpay {
namespace {

constexpr std::string_view shards = "00/shard/";
constexpr std::size_t shard_size = 2;
/// Rows: the shard's and a workspace's.
constexpr std::uint32_t shard_cost_min = 2;
constexpr auto suspense_max = static_cast<std::int64_t>(msat_max.value);

Task<Result<>> add_workspace(Context& cx, Environment environment, WorkspaceId id, Totals& totals) {
  cx.sandbox = {};
  const auto account = co_await read_account(cx, co_await enter_tenant(cx, {environment, id}));
  ++totals.workspaces;
  const auto available = checked_add(totals.available, account.available);
  const auto locked = checked_add(totals.locked, account.locked);
  if (!available || !locked)
    co_return fail(ErrorCode::invalid_request, "The sums exceed 21 million bitcoin. Start again without resume.", "resume");
  totals.available = *available;
  totals.locked = *locked;
  totals.suspense_msat += account.suspense_msat;
  if (account.suspense_msat != 0) totals.unexplained.raw(suspense_object.text({id.text(), account.suspense_msat}));
  co_return {};
}

/// Adds up the workspaces of the shard `totals.last` after the one that it names. `left` is what may still be read; where it ends
/// before the shard does, `totals.last` names the last workspace.
Task<Result<>> add_shard(Context& cx, Environment environment, std::uint32_t& left, Totals& totals) {
  const auto shard = totals.last.substr(0, shard_size);
  const auto prefix = shard + "/workspace/";
  auto after = totals.last.size() > shard_size ? prefix + totals.last.substr(shard_size + 1) : std::string();
  while (left > 0) {
    const auto asked = std::min(left, read_page_rows);
    const auto rows = co_await cx.store.scan({prefix, after, asked, false});
    for (const auto& row : rows) {
      after = row.key;
      const auto id = WorkspaceId::parse(std::string_view(row.key).substr(prefix.size()));
      if (id) {
        --left;
        co_await add_workspace(cx, environment, *id, totals);
        totals.last = shard + "/" + id->text();
      } else {
        cx.alarms.push_back(damage_report(row.key));
      }
    }
    if (rows.size() < asked) {
      totals.last = shard;
      co_return {};
    }
  }
  co_return {};
}

/// "Ab", or "Ab/ws_…".
bool is_place(std::string_view text) {
  const auto workspace = text.size() > shard_size ? WorkspaceId::parse(text.substr(shard_size + 1)) : std::nullopt;
  return Shard::parse(text.substr(0, shard_size)) && (text.size() == shard_size || (workspace && text[shard_size] == '/'));
}

}  // namespace

std::string totals_text(const Totals& totals) {
  return totals.last + "." + std::to_string(totals.workspaces) + "." + std::to_string(totals.available.value) + "." +
         std::to_string(totals.locked.value) + "." + std::to_string(totals.suspense_msat);
}

std::optional<Totals> parse_totals(std::string_view text) {
  Totals totals;
  totals.last = row::cut(text, '.');
  const bool parsed = is_place(totals.last) && row::read(row::cut(text, '.'), totals.workspaces) &&
                      row::read(row::cut(text, '.'), totals.available.value) &&
                      row::read(row::cut(text, '.'), totals.locked.value) && row::read(row::cut(text, '.'), totals.suspense_msat) &&
                      text.empty();
  const bool in_range = totals.available <= msat_max && totals.locked <= msat_max && totals.suspense_msat <= suspense_max &&
                        totals.suspense_msat >= -suspense_max;
  return parsed && in_range ? std::optional(std::move(totals)) : std::nullopt;
}

Task<Result<>> add_totals(Context& cx, Environment environment, std::uint32_t limit, Totals& totals) {
  auto left = std::max(limit, shard_cost_min);
  auto after = totals.last.empty() ? std::string() : std::string(shards) + totals.last.substr(0, shard_size);
  if (totals.last.size() > shard_size) co_await add_shard(cx, environment, left, totals);
  for (std::size_t read = read_page_rows; read == read_page_rows;) {
    const auto found = co_await cx.store.scan({std::string(shards), after, read_page_rows, false});
    read = found.size();
    for (const auto& row : found) {
      after = row.key;
      if (!Shard::parse(row.key.substr(shards.size()))) {
        cx.alarms.push_back(damage_report(row.key));
        continue;
      }
      if (left < shard_cost_min) co_return {};
      --left;
      totals.last = row.key.substr(shards.size());
      co_await add_shard(cx, environment, left, totals);
    }
  }
  if (totals.last.size() > shard_size) co_return {};
  totals.last.clear();
  const auto node = co_await require_node(cx, {environment, {}});
  totals.node = co_await node->funds();
  co_return {};
}

}  // namespace lntpay
