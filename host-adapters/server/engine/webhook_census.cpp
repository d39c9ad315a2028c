// The walk over shards, workspaces and their rows.
#include "host-adapters/server/engine/webhook_census.hpp"

#include <utility>
#include <variant>

#include "core/storage/row.hpp"
#include "core/tenant/enter_tenant.hpp"
#include "core/webhook/delivery_queue.hpp"
#include "core/webhook/endpoint.hpp"

namespace lntpay::host {
namespace {

/// The test environment's scope in its present generation; that of an older one has no rows that count.
TenantScope present_scope(Store& store, TenantScope tenant) {
  const auto read = store.get({{sandbox_controls_key(tenant)}});
  const auto* rows = std::get_if<Entries>(&read);
  if (rows == nullptr || !rows->entries.front()) return tenant;
  if (const auto controls = from_row<SandboxControls>(*rows->entries.front())) tenant.generation = controls->generation;
  return tenant;
}

}  // namespace

std::optional<UnixMillis> WebhookCensus::next_time(UnixMillis now, UnixMillis read_at) const {
  if (read_at.value == 0 || now >= read_at + limits_.wanted_for) return std::nullopt;
  const bool was_set_back = next_at_ > now + limits_.pass_every;
  return was_set_back ? now : next_at_;
}

std::optional<WebhookCounts> WebhookCensus::advance(Store& store, UnixMillis now) {
  using Clock = std::chrono::steady_clock;
  if (pending_.empty()) {
    counts_ = {};
    add(Rows::shards, "00/shard/");
  }
  next_at_ = now + limits_.piece_every;
  const auto end = Clock::now() + limits_.piece;
  do {
    if (!step(store)) {
      pending_.clear();
      next_at_ = now + limits_.pass_every;
      return std::nullopt;
    }
  } while (!pending_.empty() && Clock::now() < end);
  if (!pending_.empty()) return std::nullopt;
  next_at_ = now + limits_.pass_every;
  return counts_;
}

bool WebhookCensus::step(Store& store) {
  const auto [rows, range] = pending_.back();
  const auto reply = store.scan(range);
  const auto* page = std::get_if<Scanned>(&reply);
  if (page == nullptr) return false;
  if (page->entries.size() < range.limit) {
    pending_.pop_back();
  } else {
    pending_.back().range.after = page->entries.back().key;
  }
  for (const auto& row : page->entries) count(store, rows, row);
  return true;
}

void WebhookCensus::count(Store& store, Rows rows, const Entry& row) {
  switch (rows) {
    case Rows::shards: return add(Rows::workspaces, row.key.substr(row.key.rfind('/') + 1) + "/workspace/");
    case Rows::workspaces: return add_workspace(store, row.key);
    case Rows::endpoints: {
      const auto endpoint = from_row<Endpoint>(row);
      if (!endpoint) return;  // damaged: its reader reports it
      ++(endpoint->status == EndpointStatus::enabled ? counts_.endpoints_enabled : counts_.endpoints_disabled);
      return;
    }
    case Rows::first_attempts: ++counts_.queued_first; return;
    case Rows::retries: ++counts_.queued_retries; return;
  }
}

void WebhookCensus::add(Rows rows, std::string prefix) {
  pending_.push_back({rows, {.prefix = std::move(prefix), .after = {}, .limit = limits_.rows_per_scan}});
}

void WebhookCensus::add_workspace(Store& store, std::string_view key) {
  auto id = WorkspaceId::parse(key.substr(key.rfind('/') + 1));
  if (!id) return;
  const TenantScope live{Environment::live, *std::move(id)};
  for (const auto& tenant : {present_scope(store, {Environment::test, live.workspace}), live}) {
    add(Rows::endpoints, endpoint_key(tenant));
    add(Rows::first_attempts, tenant.key(name_of(QueueKind::first)) + "/");
    add(Rows::retries, tenant.key(name_of(QueueKind::retry)) + "/");
  }
}

}  // namespace lntpay::host
