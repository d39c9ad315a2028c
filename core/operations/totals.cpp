// Adds up the workspaces shard by shard; `00/shard/{xx}` lists the shards with workspaces.
#include "core/operations/totals.hpp"

#include "core/ledger/verification.hpp"
#include "core/lightning/node/node.hpp"
#include "core/operations/reconciliation_objects.hpp"
#include "core/storage/row.hpp"
#include "core/tenant/enter_tenant.hpp"

namespace lntpay {
namespace {

constexpr std::string_view shards = "00/shard/";
constexpr auto suspense_max = static_cast<std::int64_t>(msat_max.value);

Task<Result<>> add_workspace(Context& cx, Environment environment, std::string_view name, Totals& totals) {
  const auto id = WorkspaceId::parse(name);
  co_await invariant(id.has_value(), "a workspace's row is named by its id");
  cx.sandbox = {};
  const auto account = co_await read_account(cx, co_await enter_tenant(cx, {environment, *id}));
  ++totals.workspaces;
  const auto available = checked_add(totals.available, account.available);
  const auto locked = checked_add(totals.locked, account.locked);
  if (!available || !locked)
    co_return fail(ErrorCode::invalid_request, "The sums exceed 21 million bitcoin. Start again without resume.", "resume");
  totals.available = *available;
  totals.locked = *locked;
  totals.suspense_msat += account.suspense_msat;
  if (account.suspense_msat != 0) totals.unexplained.raw(suspense_object.text({name, account.suspense_msat}));
  co_return {};
}

}  // namespace

std::string totals_text(const Totals& totals) {
  return totals.last + "." + std::to_string(totals.workspaces) + "." + std::to_string(totals.available.value) + "." +
         std::to_string(totals.locked.value) + "." + std::to_string(totals.suspense_msat);
}

std::optional<Totals> parse_totals(std::string_view text) {
  Totals totals;
  totals.last = row::cut(text, '.');
  const bool parsed = Shard::parse(totals.last) && row::read(row::cut(text, '.'), totals.workspaces) &&
                      row::read(row::cut(text, '.'), totals.available.value) &&
                      row::read(row::cut(text, '.'), totals.locked.value) && row::read(row::cut(text, '.'), totals.suspense_msat) &&
                      text.empty();
  const bool in_range = totals.available <= msat_max && totals.locked <= msat_max && totals.suspense_msat <= suspense_max &&
                        totals.suspense_msat >= -suspense_max;
  return parsed && in_range ? std::optional(std::move(totals)) : std::nullopt;
}

Task<Result<>> add_totals(Context& cx, Environment environment, std::uint32_t limit, Totals& totals) {
  const auto after = totals.last.empty() ? std::string() : std::string(shards) + totals.last;
  const auto found = co_await cx.store.scan({std::string(shards), after, limit, false});
  for (const auto& row : found) {
    totals.last = row.key.substr(shards.size());
    // A shard has few workspaces.
    const auto prefix = totals.last + "/workspace/";
    std::vector<Entry> rows;
    do {
      rows = co_await cx.store.scan({prefix, rows.empty() ? std::string() : rows.back().key, scan_limit_max, false});
      for (const auto& workspace : rows) {
        co_await add_workspace(cx, environment, std::string_view(workspace.key).substr(prefix.size()), totals);
      }
    } while (rows.size() == scan_limit_max);
  }
  if (found.size() == limit) co_return {};
  totals.last.clear();
  const auto node = co_await require_node(cx, {environment, {}});
  totals.node = co_await node->funds();
  co_return {};
}

}  // namespace lntpay
