// /v1/reconciliation, the operator's over all workspaces, and their word that the node was restored
#include "core/base/json.hpp"
#include "core/lightning/node/node_instance.hpp"
#include "core/operations/node_reconciliation.hpp"
#include "core/operations/totals.hpp"
#include "edge/resources/handlers.hpp"

namespace lntpay::routes {
namespace {

constexpr std::uint32_t reconciled_default = 100;

std::unexpected<Error> bad_resume() {
  return fail(ErrorCode::invalid_request, "resume must be the resume of an earlier answer.", "resume");
}

std::uint32_t limit_of(const Call& call, std::uint32_t otherwise) {
  return static_cast<std::uint32_t>(call.query.integer("limit").value_or(otherwise));
}

Environment environment_of(const Call& call) { return *from_name<Environment>(*call.query.text("environment")); }

}  // namespace

Done reconcile_workspace(Call& call) {
  Reconciliation found;
  found.last = call.query.text("resume").value_or("");
  if (!found.last.empty() && !ChargeId::parse(found.last) && !WithdrawalId::parse(found.last)) co_return bad_resume();
  co_await reconcile(call.cx, call.tenant, limit_of(call, reconciled_default), found);
  co_return JsonObject{}
      .add("object", "reconciliation")
      .add("ok", !found.differs)
      .add("complete", found.last.empty())
      .add("resume", found.last.empty() ? std::nullopt : std::optional(found.last))
      .add("charges", found.charges)
      .add("withdrawals", found.withdrawals)
      .raw("differences", found.differences.text())
      .text();
}

Done reconcile_all(Call& call) {
  std::optional totals{Totals{}};
  if (const auto resume = call.query.text("resume")) totals = parse_totals(*resume);
  if (!totals) co_return bad_resume();
  const auto environment = environment_of(call);
  co_await add_totals(call.cx, environment, limit_of(call, shards_added_max), *totals);
  const bool complete = totals->last.empty();
  const auto owed = totals->available.value + totals->locked.value;
  const auto had = totals->node ? std::optional(totals->node->value) : std::nullopt;
  co_return JsonObject{}
      .add("object", "reconciliation_totals")
      .add("environment", name_of(environment))
      .add("complete", complete)
      .add("resume", complete ? std::nullopt : std::optional(totals_text(*totals)))
      .add("workspaces", totals->workspaces)
      .add("available_msat", totals->available.value)
      .add("locked_msat", totals->locked.value)
      .add("suspense_msat", totals->suspense_msat)
      .add("owed_msat", owed)
      .add("node_msat", had)
      .add("short_msat", had ? std::optional(*had < owed ? owed - *had : 0) : std::nullopt)
      .raw("unexplained", totals->unexplained.text())
      .text();
}

Done node_restored(Call& call) {
  co_return co_await record_restore(call.cx, environment_of(call), *call.body.text("evidence"), call.claim);
}

}  // namespace lntpay::routes
