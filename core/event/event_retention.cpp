// The row of retention, and the start of its task.
#include "core/event/event_retention.hpp"

#include "core/event/event.hpp"

namespace lntpay {
namespace {

/// What can be read off the events: where they begin.
Task<Result<Retention>> rebuilt(Context& cx, TenantScope tenant) {
  const auto first = co_await cx.store.scan({.prefix = tenant.key("event") + "/", .after = {}, .limit = 1});
  const auto seq = first.empty() ? std::nullopt : seq_of_event_key(first.front().key);
  Retention retention;
  if (seq && *seq > 0) retention.oldest_seq = *seq;
  co_return std::move(retention);
}

}  // namespace

std::string retention_key(const TenantScope& tenant) { return tenant.key("retention"); }

void StoredRetention::keep(WriteBatch& batch, const TenantScope& tenant) const {
  if (entry) {
    batch.keep(*entry);
  } else {
    batch.keep_absent(retention_key(tenant));
  }
}

Task<Result<StoredRetention>> load_retention(Context& cx, TenantScope tenant) {
  StoredRetention stored{.entry = co_await cx.store.get(retention_key(tenant))};
  if (!stored.entry) co_return std::move(stored);
  auto read = from_row<Retention>(*stored.entry);
  if (!read || read->oldest_seq == 0) {
    cx.alarms.push_back(damage_report(stored.entry->key));
    stored.record = co_await rebuilt(cx, tenant);
  } else {
    stored.record = std::move(*read);
  }
  co_return std::move(stored);
}

std::optional<std::uint64_t> seq_of_event_key(std::string_view key) {
  std::uint64_t seq = 0;
  const auto slash = key.rfind('/');
  return slash != key.npos && row::read(key.substr(slash + 1), seq) ? std::optional(seq) : std::nullopt;
}

DueWork pruning_work(const TenantScope& tenant) { return {std::string(pruning_kind), tenant, "events"}; }

void start_pruning(Context& cx, WriteBatch& batch, const TenantScope& tenant) {
  add_due(cx, batch, pruning_work(tenant), cx.now() + pruning_interval);
}

}  // namespace lntpay
