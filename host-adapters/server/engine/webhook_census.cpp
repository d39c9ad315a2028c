// The walk over shards, workspaces and their rows.
#include "host-adapters/server/engine/webhook_census.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "core/storage/row.hpp"
#include "core/tenant/enter_tenant.hpp"
#include "core/webhook/endpoint/endpoint.hpp"
#include "core/webhook/queue/delivery_queue.hpp"

namespace lntpay::host {
namespace {

/// The controls of a test workspace. Rows of an older generation than theirs do not count.
SandboxControls controls_of(Store& store, const TenantScope& tenant) {
  const auto read = store.get({{sandbox_controls_key(tenant)}});
  const auto* rows = std::get_if<Entries>(&read);
  if (rows == nullptr || !rows->entries.front()) return {};
  return from_row<SandboxControls>(*rows->entries.front()).value_or(SandboxControls{});
}

/// `…/queue/{endpoint}/{ms}/{delivery}`
std::string_view endpoint_in(std::string_view queue_key) {
  for (int parts = 0; parts < 2; ++parts) queue_key = queue_key.substr(0, queue_key.rfind('/'));
  return queue_key.substr(queue_key.rfind('/') + 1);
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
    if (!step(store, now)) {
      pending_.clear();
      next_at_ = now + limits_.pass_every;
      return std::nullopt;
    }
  } while (!pending_.empty() && Clock::now() < end);
  if (!pending_.empty()) return std::nullopt;
  next_at_ = now + limits_.pass_every;
  return counts_;
}

bool WebhookCensus::step(Store& store, UnixMillis now) {
  const auto present = pending_.back();
  const auto reply = store.scan(present.range);
  const auto* page = std::get_if<Scanned>(&reply);
  if (page == nullptr) return false;
  if (present.rows == Rows::endpoints && present.range.after.empty()) disabled_.clear();
  if (page->entries.size() < present.range.limit) {
    pending_.pop_back();
  } else {
    pending_.back().range.after = page->entries.back().key;
  }
  for (const auto& row : page->entries) count(store, present, row, now);
  return true;
}

void WebhookCensus::count(Store& store, const Pending& of, const Entry& row, UnixMillis now) {
  switch (of.rows) {
    case Rows::shards: return add(Rows::workspaces, row.key.substr(row.key.rfind('/') + 1) + "/workspace/");
    case Rows::workspaces: return add_workspace(store, row.key);
    case Rows::endpoints: return count_endpoint(row);
    case Rows::first_attempts:
    case Rows::retries: return count_queued(of, row, now);
  }
}

void WebhookCensus::count_endpoint(const Entry& row) {
  const auto endpoint = from_row<Endpoint>(row);
  if (!endpoint) return;  // damaged: its reader reports it
  if (endpoint->status == EndpointStatus::enabled) {
    ++counts_.endpoints_enabled;
  } else {
    ++counts_.endpoints_disabled;
    disabled_.insert(endpoint->id.text());
  }
}

void WebhookCensus::count_queued(const Pending& of, const Entry& row, UnixMillis now) {
  const bool is_first = of.rows == Rows::first_attempts;
  ++(is_first ? counts_.queued_first : counts_.queued_retries);
  const auto queued = parse_queue_row(is_first ? QueueKind::first : QueueKind::retry, row);
  if (!queued || disabled_.contains(std::string(endpoint_in(row.key)))) return;
  auto& oldest = is_first ? counts_.oldest_first : counts_.oldest_retry;
  const auto due_at = queued->at - of.ahead;
  if (due_at <= now) oldest = std::min(due_at, oldest.value_or(due_at));
}

void WebhookCensus::add(Rows rows, std::string prefix, Millis ahead) {
  pending_.push_back({rows, {.prefix = std::move(prefix), .after = {}, .limit = limits_.rows_per_scan}, ahead});
}

void WebhookCensus::add_workspace(Store& store, std::string_view key) {
  auto id = WorkspaceId::parse(key.substr(key.rfind('/') + 1));
  if (!id) return;
  const TenantScope live{Environment::live, *std::move(id)};
  TenantScope test{Environment::test, live.workspace};
  const auto controls = controls_of(store, test);
  test.generation = controls.generation;
  for (const auto& tenant : {test, live}) {
    const auto ahead = tenant.environment == Environment::test ? controls.ahead : Millis{};
    // The last one is read first: the queues are counted by what the endpoints are.
    add(Rows::retries, tenant.key(name_of(QueueKind::retry)) + "/", ahead);
    add(Rows::first_attempts, tenant.key(name_of(QueueKind::first)) + "/", ahead);
    add(Rows::endpoints, endpoint_key(tenant));
  }
}

}  // namespace lntpay::host
