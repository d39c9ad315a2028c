// Keys of queue rows, and reading the head of a queue.
#include "core/webhook/queue/delivery_queue.hpp"

#include <algorithm>
#include <utility>

namespace lntpay {
namespace {

/// The number of rows that are read when all are damaged.
constexpr std::uint32_t damaged_rows_max = 96;
constexpr std::uint32_t rows_after_damage = 16;

DueWork run_of(const TenantScope& tenant, const EndpointId& endpoint, std::string_view name) {
  return {"webhook", tenant, std::string(endpoint.text()).append(".").append(name)};
}

}  // namespace

std::string queue_prefix(const TenantScope& tenant, const EndpointId& endpoint, QueueKind kind) {
  return tenant.key(name_of(kind), endpoint.text()).append("/");
}

std::string queue_key(const TenantScope& tenant, const EndpointId& endpoint, const QueueRow& row) {
  return queue_prefix(tenant, endpoint, row.kind).append(padded(row.at.value)).append("/").append(row.id.text());
}

std::optional<QueueRow> parse_queue_row(QueueKind kind, const Entry& row) {
  std::string_view key = row.key;
  const auto last = key.rfind('/');
  if (last == key.npos) return std::nullopt;
  auto id = DeliveryId::parse(key.substr(last + 1));
  key = key.substr(0, last);
  QueueRow queued{.kind = kind, .version = row.version};
  const bool good = id && row::read(key.substr(key.rfind('/') + 1), queued.at.value) && row::read(row.value, queued.event_seq);
  if (!good) return std::nullopt;
  queued.id = std::move(*id);
  return queued;
}

void put_queued(WriteBatch& batch, const TenantScope& tenant, const EndpointId& endpoint, const QueueRow& row) {
  batch.put(queue_key(tenant, endpoint, row), std::to_string(row.event_seq));
}

void take_from_queue(WriteBatch& batch, const TenantScope& tenant, const EndpointId& endpoint, const QueueRow& row) {
  batch.remove({.key = queue_key(tenant, endpoint, row), .value = {}, .version = row.version});
}

Range head_range(const TenantScope& tenant, const EndpointId& endpoint, QueueKind kind, std::uint32_t due_max) {
  return {.prefix = queue_prefix(tenant, endpoint, kind), .after = {}, .limit = due_max};
}

Task<Result<QueueHead>> queue_head(Context& cx, TenantScope tenant, EndpointId endpoint, QueueKind kind, std::uint32_t due_max,
                                   std::optional<std::vector<Entry>> read) {
  const auto now = cx.now();
  QueueHead head;
  auto range = head_range(tenant, endpoint, kind, due_max);
  for (std::uint32_t seen = 0; seen < damaged_rows_max; seen += range.limit) {
    if (seen > 0) range.limit = std::max(due_max, rows_after_damage);
    const auto rows = read ? *std::exchange(read, std::nullopt) : co_await cx.store.scan(range);
    for (const auto& row : rows) {
      auto queued = parse_queue_row(kind, row);
      if (!queued) {
        cx.alarms.push_back(damage_report(row.key));
      } else if (is_due(queued->at, now) && head.due.size() < due_max) {
        head.due.push_back(std::move(*queued));
      } else {
        head.next = queued->at;
        co_return std::move(head);
      }
    }
    if (rows.size() < range.limit || head.due.size() == due_max) break;
    range.after = rows.back().key;
  }
  co_return std::move(head);
}

void start_run(Context& cx, WriteBatch& batch, const TenantScope& tenant, const EndpointId& endpoint) {
  // A name of its own: a row with the key of a run that is under way would not start another one.
  constexpr std::size_t name_size = 6;
  add_due(cx, batch, run_of(tenant, endpoint, cx.random.base62(name_size)), cx.now());
}

void start_run_at(Context& cx, WriteBatch& batch, const TenantScope& tenant, const EndpointId& endpoint, UnixMillis at) {
  constexpr std::uint64_t second_ms = 1'000;
  at.value += (second_ms - at.value % second_ms) % second_ms;
  add_due(cx, batch, run_of(tenant, endpoint, "queue"), at);
}

void start_run_by_pace(Context& cx, WriteBatch& batch, const TenantScope& tenant, const EndpointId& endpoint, UnixMillis at) {
  // Never now: the run that asks for it may have this key, and a commit changes a key once.
  add_due_on_host(cx, batch, run_of(tenant, endpoint, "pace"), std::max(at, cx.host_now() + Millis{1}));
}

}  // namespace lntpay
