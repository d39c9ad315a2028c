// /v1/reconciliation, and the operator's totals of all workspaces.
#include "core/base/object.hpp"
#include "core/charge/challenge_row.hpp"
#include "core/operations/node_reconciliation.hpp"
#include "core/operations/reconciliation_objects.hpp"
#include "core/operations/totals.hpp"
#include "edge/resources/fields.hpp"
#include "edge/resources/lists.hpp"
#include "edge/resources/resources.hpp"

namespace lntpay {
namespace reconciliation_resource {
namespace {

using enum FieldType;

constexpr Field compare_query[] = {
    fields::resume,
    {.name = "limit", .type = integer, .description = "How many to compare; default: 100.", .max = reconciled_max},
};
constexpr Field totals_query[] = {
    fields::environment,
    fields::resume,
    {.name = "limit",
     .type = integer,
     .description = "How many shards and workspaces to add; default: 500.",
     .max = totals_rows_max},
};

constexpr auto reconciliation_object = object_of<Reconciliation>(
    kind_member<"reconciliation">(),
    member("ok", "Whether the node agrees about everything compared.", [](const auto& v) { return !v.differs; }),
    member("complete", "Whether everything was compared; if not, continue with `resume`.",
           [](const auto& v) { return v.last.empty(); }),
    member("resume", "The last one compared.", [](const auto& v) { return null_if_empty(v.last); }),
    member({.name = "charges", .description = "The number of charges compared.", .min = 0},
           [](const auto& v) { return v.charges; }),
    member({.name = "withdrawals", .description = "The number of withdrawals compared, those never sent included.", .min = 0},
           [](const auto& v) { return v.withdrawals; }),
    member("differences", "What the node disagrees about.",
           [](const auto& v) { return Described<difference_object, 1>{v.differences.text()}; }));
constexpr auto reconciliation_fields = reconciliation_object.fields();

constexpr auto challenges_object = object_of<ChallengeReconciliation>(
    kind_member<"challenge_reconciliation">(),
    member("ok", "Whether the node agrees about everything compared.", [](const auto& v) { return !v.differs; }),
    member("complete", "Whether everything was compared; if not, continue with `resume`.",
           [](const auto& v) { return v.last.empty(); }),
    member("resume", "The last one compared.", [](const auto& v) { return null_if_empty(v.last); }),
    member({.name = "challenges", .description = "The number of challenges compared.", .min = 0},
           [](const auto& v) { return v.challenges; }),
    member("differences", "What the node disagrees about.",
           [](const auto& v) { return Described<difference_object, 1>{v.differences.text()}; }));
constexpr auto challenges_fields = challenges_object.fields();

constexpr auto unmatched_list_object = object_of<UnmatchedSettlements>(
    kind_member<"unmatched_settlements">(),
    member({.name = "count", .description = "How many settlements of the node were for no charge and no challenge.", .min = 0},
           [](const auto& v) { return v.count; }),
    member("last", "The last 1,000 of them, newest first.",
           [](const auto& v) { return described_list<unmatched_object>(v.kept); }));
constexpr auto unmatched_list_fields = unmatched_list_object.fields();

struct TotalsView {
  Environment environment{};
  const Totals& totals;

  [[nodiscard]] bool complete() const { return totals.last.empty(); }
  [[nodiscard]] Msat owed() const { return {totals.available.value + totals.locked.value}; }
  [[nodiscard]] std::optional<Msat> shortfall() const {
    return totals.node.transform([this](Msat node) { return checked_sub(owed(), node).value_or(Msat{}); });
  }
};
constexpr auto totals_object = object_of<TotalsView>(
    kind_member<"reconciliation_totals">(), member("environment", "test or live", [](const auto& v) { return v.environment; }),
    member("complete", "Whether all workspaces were added; if not, continue with `resume`.",
           [](const auto& v) { return v.complete(); }),
    member("resume", "Where to continue, with the totals so far.",
           [](const auto& v) { return v.complete() ? std::nullopt : std::optional(totals_text(v.totals)); }),
    member({.name = "workspaces", .description = "The number of workspaces added.", .min = 0},
           [](const auto& v) { return v.totals.workspaces; }),
    member({.name = "available_msat", .description = "The sum of the available balances.", .min = 0},
           [](const auto& v) { return v.totals.available; }),
    member({.name = "locked_msat", .description = "The sum of the locked balances.", .min = 0},
           [](const auto& v) { return v.totals.locked; }),
    member("suspense_msat", "The sum of the amounts in suspense; may be negative.",
           [](const auto& v) { return v.totals.suspense_msat; }),
    member({.name = "owed_msat", .description = "Available and locked together.", .min = 0},
           [](const auto& v) { return v.owed(); }),
    member({.name = "node_msat", .description = "The balance of the node's channels; null for a node without limits.", .min = 0},
           [](const auto& v) { return v.totals.node; }),
    member({.name = "short_msat", .description = "How much less the node has than it owes; 0 if it covers everything.", .min = 0},
           [](const auto& v) { return v.shortfall(); }),
    member("unexplained", "The workspaces added in this response that have an amount in suspense.",
           [](const auto& v) { return Described<suspense_object, 1>{v.totals.unexplained.text()}; }));
constexpr auto totals_fields = totals_object.fields();

constexpr std::uint32_t reconciled_default = 100;

std::uint32_t limit_of(const Call& call, std::uint32_t otherwise) {
  return static_cast<std::uint32_t>(call.query.integer("limit").value_or(otherwise));
}

Done compare_workspace(Call& call) {
  Reconciliation found;
  found.last = call.query.text("resume").value_or("");
  if (!found.last.empty() && !ChargeId::parse(found.last) && !WithdrawalId::parse(found.last)) co_return bad_resume();
  co_await reconcile(call.cx, call.tenant, limit_of(call, reconciled_default), found);
  co_return reconciliation_object.text(found);
}

Done compare_challenges(Call& call) {
  ChallengeReconciliation found;
  found.last = call.query.text("resume").value_or("");
  const auto shard = Shard::parse(std::string_view(found.last).substr(0, 2));
  if (!found.last.empty() && (!shard || !found.last.starts_with(challenge_prefix(*shard)))) co_return bad_resume();
  co_await reconcile_challenges(call.cx, limit_of(call, reconciled_default), found);
  co_return challenges_object.text(found);
}

Done list_unmatched(Call& call) { co_return unmatched_list_object.text(co_await load_unmatched(call.cx)); }

Done compare_all(Call& call) {
  std::optional totals{Totals{}};
  if (const auto resume = call.query.text("resume")) totals = parse_totals(*resume);
  if (!totals) co_return bad_resume();
  const auto environment = *from_name<Environment>(*call.query.text("environment"));
  co_await add_totals(call.cx, environment, limit_of(call, totals_rows_max), *totals);
  co_return totals_object.text({environment, *totals});
}

constexpr Route routes[] = {
    {.method = "GET",
     .pattern = "/v1/reconciliation",
     .summary = "Compare charges and withdrawals with the node, hash by hash",
     .handler = compare_workspace,
     .scopes = {Scope::ledger_read},
     .query = compare_query,
     .answer = reconciliation_fields,
     .errors = errors::node},
    {.method = "GET",
     .pattern = "/v1/admin/reconciliation",
     .summary = "Compare the debts to all workspaces with the balance of the node",
     .handler = compare_all,
     .access = Access::operator_token,
     .query = totals_query,
     .answer = totals_fields,
     .errors = errors::node},
    {.method = "GET",
     .pattern = "/v1/admin/reconciliation/challenges",
     .summary = "Compare the live challenges of all gates with the node, hash by hash",
     .handler = compare_challenges,
     .access = Access::operator_token,
     .query = compare_query,
     .answer = challenges_fields,
     .errors = errors::node},
    {.method = "GET",
     .pattern = "/v1/admin/reconciliation/unmatched",
     .summary = "List what the node received for no charge and no challenge",
     .handler = list_unmatched,
     .access = Access::operator_token,
     .answer = unmatched_list_fields},
};

}  // namespace
}  // namespace reconciliation_resource

std::span<const Route> resources::reconciliation() { return reconciliation_resource::routes; }

}  // namespace lntpay
