// Rows in the order of their keys: the due work of a shard, then the rows of each workspace together.
#include "core/store_check/store_verification.hpp"

#include <algorithm>

#include "core/access/workspace.hpp"
#include "core/base/utf8.hpp"
#include "core/event/event_retention.hpp"
#include "core/operations/money_verification.hpp"
#include "core/store_check/row_kinds.hpp"
#include "core/tenant/enter_tenant.hpp"
#include "core/tenant/operator.hpp"

namespace lntpay {
namespace {

constexpr std::size_t links_read_together = 500;

/// A link of one of the rows of a page.
struct PageLink {
  std::string from;
  LinkedRow to;
};

void compare_count(StoreReport& report, const TenantScope& tenant, std::string_view what, std::uint64_t counted,
                   std::uint64_t found) {
  if (counted == found) return;
  report.add(account_key(tenant),
             "counts " + std::to_string(counted) + " " + std::string(what) + ", and the store has " + std::to_string(found));
}

/// Those from the oldest one on are there. Equal numbers and the first one mean that there is no gap.
void compare_events(StoreReport& report, const TenantRows& tenant, std::uint64_t counted) {
  const auto pruned = std::min(tenant.oldest_seq - 1, counted);
  compare_count(report, tenant.scope, "events", counted - pruned, tenant.events);
  if (tenant.first_event != 0 && tenant.first_event != tenant.oldest_seq)
    report.add(retention_key(tenant.scope), "names another event as the oldest than the store has");
}

/// After the last row of a workspace.
void end_tenant(StoreCheck& check) {
  const auto tenant = std::exchange(check.tenant, TenantRows{});
  if (tenant.scope == TenantScope{} || tenant.scope == operator_tenant()) return;
  const auto account = tenant.account.value_or(AccountState{});
  compare_count(check.report, tenant.scope, "ledger entries", account.entries, tenant.entries);
  // Each entry names a transfer of its own, so equal numbers mean that each transfer has its entry.
  compare_count(check.report, tenant.scope, "transfers", account.entries, tenant.transfers);
  compare_events(check.report, tenant, account.events);
  compare_count(check.report, tenant.scope, "webhook endpoints", account.endpoints, tenant.endpoints);
  for (const auto& delivery : tenant.unplaced)
    check.report.add(tenant.scope.key("delivery", delivery), "is pending, and neither in a queue, nor in flight, nor held");
  check.ledgers.push_back(tenant.scope);
}

Task<Result<>> begin_tenant(Context& cx, StoreCheck& check, TenantScope scope) {
  check.tenant = {.scope = scope, .now = cx.host_now()};
  if (scope == operator_tenant()) co_return {};
  const auto rows = co_await cx.store.get_all({workspace_key(scope.workspace), sandbox_controls_key(scope)});
  if (!rows[0]) check.report.add(scope.key("", {}), "has no row " + workspace_key(scope.workspace));
  if (scope.environment != Environment::test) co_return {};
  // A damaged row is reported on its own.
  const auto controls = rows[1] ? from_row<SandboxControls>(*rows[1]).value_or(SandboxControls{}) : SandboxControls{};
  check.tenant.current = controls.generation == scope.generation;
  check.tenant.now = cx.host_now() + controls.ahead;
  co_return {};
}

/// Reads the rows that these are linked with, and reports those that are missing or do not agree.
Task<Result<>> follow(Context& cx, StoreReport& report, std::vector<PageLink> links) {
  for (std::size_t first = 0; first < links.size(); first += links_read_together) {
    const auto last = std::min(first + links_read_together, links.size());
    std::vector<std::string> keys;
    for (auto i = first; i < last; ++i) keys.push_back(links[i].to.key);
    const auto rows = co_await cx.store.get_all(std::move(keys));
    for (auto i = first; i < last; ++i) {
      const auto& row = rows[i - first];
      auto problem = links[i].to.problem(row ? &*row : nullptr);
      if (!problem.empty()) report.add(links[i].from, std::move(problem));
    }
  }
  co_return {};
}

/// Checks one row; its links are added to `links`.
Task<Result<>> check_row(Context& cx, StoreCheck& check, const Entry& row, std::vector<PageLink>& links) {
  auto& report = check.report;
  ++report.rows_total;
  if (!is_utf8(row.key) || !is_utf8(row.value)) {
    ++report.rows["not UTF-8"];
    report.add(replace_ill_formed(row.key), "is not UTF-8");
    co_return {};
  }
  auto found = kind_of(row.key);
  if (found.kind == nullptr) {
    ++report.rows["unknown"];
    report.add(row.key, "has a key of no known kind");
    co_return {};
  }
  ++report.rows[std::string(found.kind->name)];
  if (found.kind->check == nullptr) co_return {};
  if (const auto shard = std::string_view(row.key).substr(0, 2); shard != check.shard) {
    check.shard = shard;
    check.due.clear();
  }
  if (found.tenant && *found.tenant != check.tenant.scope) {
    end_tenant(check);
    co_await begin_tenant(cx, check, *found.tenant);
  }
  RowCheck at(row, std::move(found.names), check.tenant, check.due);
  found.kind->check(at);
  for (auto& problem : at.problems) report.add(row.key, std::move(problem));
  for (auto& link : at.links) links.push_back({row.key, std::move(link)});
  co_return {};
}

/// Yields false after the last page.
Task<Result<bool>> check_page(Context& cx, StoreCheck& check) {
  const auto rows = co_await cx.store.scan({.prefix = {}, .after = check.after});
  std::vector<PageLink> links;
  for (const auto& row : rows) {
    co_await check_row(cx, check, row, links);
    check.after = row.key;
  }
  co_await follow(cx, check.report, std::move(links));
  const bool more = rows.size() == scan_limit_max;
  if (!more) end_tenant(check);
  co_return more;
}

Task<Result<>> check_ledger(Context& cx, StoreReport& report, TenantScope tenant) {
  ++report.ledgers;
  MoneyProof proof;
  for (;;) {
    const auto next = co_await attempt(verify_money(cx, tenant, proof, verified_rows_max));
    if (!next) {
      const auto& error = next.error();
      if (error.code == ErrorCode::storage_unavailable && !error.message.starts_with(row_damaged)) co_return std::unexpected(error);
      report.add(account_key(tenant), "its ledger cannot be verified: " + error.message);
      co_return {};
    }
    if (!next->ledger.ok) {
      report.add(entry_key(tenant, next->ledger.problem_seq), "its ledger does not verify: " + next->ledger.problem);
      co_return {};
    }
    if (next->ledger.complete) {
      report.entries += next->ledger.folded.entries;
      co_return {};
    }
    proof = *next;
  }
}

}  // namespace

void StoreReport::add(std::string key, std::string problem) {
  ++findings_total;
  if (findings.size() < findings_kept_max) findings.push_back({std::move(key), std::move(problem)});
}

Task<Result<bool>> check_next(Context& cx, StoreCheck& check) {
  if (!check.rows_checked) {
    check.rows_checked = !co_await check_page(cx, check);
    co_return true;
  }
  if (check.ledgers.empty()) co_return false;
  const auto tenant = std::move(check.ledgers.back());
  check.ledgers.pop_back();
  co_await check_ledger(cx, check.report, tenant);
  co_return true;
}

}  // namespace lntpay
