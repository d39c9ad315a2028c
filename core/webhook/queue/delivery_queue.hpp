// The queues of an endpoint: its deliveries that wait for their next attempt, and the due rows that start its runs.
//
// Rows: `…/queue/{endpoint}/{ms}/{delivery}` for a first attempt, `…/retry/{endpoint}/{ms}/{delivery}` for a further one and for
// what a recovery queued, so that neither hides new events; the value is the event's seq. A delivery that is being attempted is in
// neither queue, but has a flight row (attempt_window).
//
// Due rows (kind "webhook") have the id `{endpoint}.{name}`. Each starts one run (deliver), which removes it. The commit that
// queues a delivery adds one, and writes no row of the endpoint, so the money commits of a workspace never conflict with its
// deliveries. Those of retries lie on full seconds: an endpoint has at most one a second, however long its queue is.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/event/event.hpp"
#include "core/tenant/context.hpp"
#include "core/tenant/due_work.hpp"

namespace lntpay {

enum class QueueKind : std::uint8_t { first, retry };
template <>
inline constexpr auto enum_names<QueueKind> = std::to_array<std::string_view>({"queue", "retry"});

/// A queue row's key and value.
struct QueueRow {
  QueueKind kind = QueueKind::first;
  UnixMillis at;
  DeliveryId id;
  std::uint64_t event_seq = 0;
  std::uint64_t version = 0;  ///< of the row, where it was read from the queue
};

/// Ends with "/".
std::string queue_prefix(const TenantScope& tenant, const EndpointId& endpoint, QueueKind kind);
std::string queue_key(const TenantScope& tenant, const EndpointId& endpoint, const QueueRow& row);
std::optional<QueueRow> parse_queue_row(QueueKind kind, const Entry& row);
void put_queued(WriteBatch& batch, const TenantScope& tenant, const EndpointId& endpoint, const QueueRow& row);

/// Removes a row that was read from the queue: the commit conflicts if another run has taken it since.
void take_from_queue(WriteBatch& batch, const TenantScope& tenant, const EndpointId& endpoint, const QueueRow& row);

struct QueueHead {
  std::vector<QueueRow> due{};       ///< at most as many as requested
  std::optional<UnixMillis> next{};  ///< if fewer are due: the time of the first row that is not
};
/// The first rows of a queue. Damaged ones are skipped with an alarm and stay. `read`: the rows of `head_range`, where they were
/// read together with others.
Task<Result<QueueHead>> queue_head(Context& cx, TenantScope tenant, EndpointId endpoint, QueueKind kind, std::uint32_t due_max,
                                   std::optional<std::vector<Entry>> read = {});
Range head_range(const TenantScope& tenant, const EndpointId& endpoint, QueueKind kind, std::uint32_t due_max);

/// Starts a run of the endpoint now, beside those that are under way.
void start_run(Context& cx, WriteBatch& batch, const TenantScope& tenant, const EndpointId& endpoint);
/// Starts a run at that time, which is by the workspace's clock, or at the next full second after it.
void start_run_at(Context& cx, WriteBatch& batch, const TenantScope& tenant, const EndpointId& endpoint, UnixMillis at);
/// Starts a run when the pace allows it, by the host's clock.
void start_run_by_pace(Context& cx, WriteBatch& batch, const TenantScope& tenant, const EndpointId& endpoint, UnixMillis at);

}  // namespace lntpay
