// Claim, attempt, record.
#include "core/webhook/deliver.hpp"

#include <algorithm>

#include "core/ledger/unit_of_work.hpp"
#include "core/tenant/due_work.hpp"
#include "core/webhook/delivery.hpp"
#include "core/webhook/egress.hpp"
#include "core/webhook/signature.hpp"

namespace lntpay {
namespace {

constexpr std::uint32_t purge_batch_max = 100;

/// A queue row that was taken, and what came of its attempt.
struct ClaimedDelivery {
  QueueRow queued;
  Event event;
  AttemptOutcome verdict{};
};

/// What one run works on; nothing taken: there was nothing to send.
struct DeliveryBatch {
  TenantScope tenant;
  EndpointId endpoint;
  std::string lease;
  std::string url;
  Result<std::vector<Secret>> secrets;
  std::vector<ClaimedDelivery> deliveries;
  UnixMillis sent_at{};
  UnixMillis signed_at{};  ///< the same on the host's clock, which is the receiver's
  std::uint32_t latency_ms = 0;
};

/// The due row of an endpoint that was deleted: cancels what its queue still holds, a part at a time.
Task<Result<>> cancel_queue(Context& cx, DueWork work, EndpointId endpoint, Entry due) {
  const auto rows = co_await cx.store.scan({.prefix = queue_prefix(work.tenant, endpoint), .after = {}, .limit = purge_batch_max});
  WriteBatch batch;
  batch.remove(due);
  std::vector<std::string> keys;
  for (const auto& row : rows) {
    batch.remove(row);
    if (const auto queued = parse_queue_row(row)) keys.push_back(delivery_key(work.tenant, queued->id));
  }
  if (!keys.empty()) {
    const auto found = co_await cx.store.get_all(std::move(keys));
    for (const auto& entry : found) {
      if (!entry) continue;
      auto delivery = co_await from_row<Delivery>(entry->value);
      delivery.status = DeliveryStatus::canceled;
      delivery.next_attempt_at.reset();
      batch.replace(*entry, to_row(delivery));
    }
  }
  // Later than the row that is removed, whatever the clock says: one key has one change in a commit.
  if (rows.size() == purge_batch_max) add_due(cx, batch, work, cx.now() + Millis{1});
  co_return co_await attempt(cx.store.commit(std::move(batch)));
}

/// Takes the endpoint's lease and at most 8 of what is due. With nothing due it only puts the due row where it belongs.
Task<Result<DeliveryBatch>> claim(Context& cx, std::string key, DueWork work, EndpointId id, std::string lease) {
  const auto whe_key = endpoint_key(work.tenant, id.text());
  const auto entries = co_await cx.store.get_all({key, whe_key});
  const auto& due = entries[0];
  if (!entries[1]) {
    if (!due) co_return fail(ErrorCode::lease_elsewhere);
    co_await cancel_queue(cx, work, id, *due);
    co_return DeliveryBatch{.tenant = work.tenant, .endpoint = id, .lease = {}, .url = {}, .secrets = {}, .taken = {}};
  }
  auto endpoint = co_await from_row<Endpoint>(entries[1]->value);
  const auto now = cx.now();
  const bool mine = endpoint.lease == lease;  // claimed by a commit whose outcome nobody knew
  if (!mine && (!due || due_time(key) > cx.host_now())) co_return fail(ErrorCode::lease_elsewhere);
  // A row that was put off after a failure no longer stands where the endpoint says; nor does one that is left over.
  const bool moved = !endpoint.due_at || due_key(work, cx.on_host(*endpoint.due_at)) != key;
  if (!mine && moved && (!endpoint.due_at || *endpoint.due_at > now || endpoint.is_busy(cx.host_now()))) {
    WriteBatch batch;
    batch.remove(*due);
    co_await cx.store.commit(std::move(batch));
    co_return DeliveryBatch{.tenant = work.tenant, .endpoint = id, .lease = {}, .url = {}, .secrets = {}, .taken = {}};
  }

  DeliveryBatch claimed{.tenant = work.tenant,
                        .endpoint = id,
                        .lease = lease,
                        .url = endpoint.url,
                        .secrets = live_secrets(endpoint, work.tenant, cx.settings, cx.host_now()),
                        .taken = {}};
  const auto rows = co_await cx.store.scan({.prefix = queue_prefix(work.tenant, id), .after = {}, .limit = delivery_batch_max});
  const bool enabled = endpoint.status == EndpointStatus::enabled;
  std::optional<UnixMillis> first;
  std::vector<std::string> keys;
  WriteBatch batch;
  for (const auto& row : rows) {
    auto queued = parse_queue_row(row);
    if (!queued) co_return fail(ErrorCode::internal_error, "a queue row cannot be read");
    if (!first) first = queued->at;
    if (!enabled || queued->at > now) continue;
    keys.push_back(event_key(work.tenant, queued->event_seq));
    claimed.taken.push_back({.queued = std::move(*queued), .event = {}});
  }
  if (!keys.empty()) {
    const auto events = co_await cx.store.get_all(std::move(keys));
    for (std::size_t i = 0; i < events.size(); ++i) {
      co_await invariant(events[i].has_value(), "a delivery's event is never deleted");
      claimed.taken[i].event = co_await from_row<Event>(events[i]->value);
    }
  }
  if (mine) co_return std::move(claimed);

  if (moved) batch.remove(*due);
  endpoint.busy_until.reset();
  endpoint.lease.clear();
  if (claimed.taken.empty()) {
    move_due(cx, batch, work.tenant, endpoint, enabled ? first : std::nullopt);
  } else {
    endpoint.lease = lease;
    lease_due(cx, batch, work.tenant, endpoint, delivery_lease);
  }
  batch.replace(*entries[1], to_row(endpoint));
  co_await cx.store.commit(std::move(batch));
  co_return std::move(claimed);
}

Outgoing request_for(const DeliveryBatch& claimed, const ClaimedDelivery& taken) {
  auto body = event_json(taken.event, claimed.tenant);
  std::vector<Header> headers{{"content-type", "application/json"}, {"user-agent", std::string(delivery_user_agent)}};
  for (auto& header : signed_headers(*claimed.secrets, taken.event.id.text(), claimed.signed_at, body))
    headers.push_back(std::move(header));
  return {.upstream = "webhook",
          .method = "POST",
          .target = claimed.url,
          .headers = std::move(headers),
          .body = std::move(body),
          .timeout_ms = delivery_timeout_ms,
          .lines = 0,
          .once = false,
          .body_limit = delivery_answer_bytes_max};
}

/// Makes the attempts, all at once. A URL that the egress rules refuse by now is not asked; that is a failed attempt.
Task<Result<>> make_attempts(Context& cx, DeliveryBatch& claimed) {
  claimed.sent_at = cx.now();
  claimed.signed_at = cx.host_now();
  const auto judged = check_egress_url(claimed.url, cx.settings.egress, claimed.tenant.environment);
  const bool down = cx.sandbox.has(SandboxFault::webhooks_down);
  if (!judged || !claimed.secrets || down) {
    const auto reason = down     ? std::string("not sent: the sandbox's fault webhooks_down is on")
                        : judged ? claimed.secrets.error().message
                                 : "not sent: " + judged.error();
    for (auto& taken : claimed.taken) taken.verdict = unsent_attempt(reason);
    co_return {};
  }
  std::vector<Outgoing> requests;
  for (const auto& taken : claimed.taken) requests.push_back(request_for(claimed, taken));
  const auto replies = co_await cx.fetch.send_all(std::move(requests));
  co_await invariant(replies.size() == claimed.taken.size(), "every request has a reply");
  const auto now = cx.now();
  claimed.latency_ms = now > claimed.sent_at ? static_cast<std::uint32_t>((now - claimed.sent_at).value) : 0;
  for (std::size_t i = 0; i < replies.size(); ++i) claimed.taken[i].verdict = outcome_of(replies[i], cx.host_now());
  co_return {};
}

/// Writes one attempt: its log row, the delivery, its place in the queue. Yields when it is due again.
std::optional<UnixMillis> record_attempt(Context& cx, WriteBatch& batch, const DeliveryBatch& claimed, const ClaimedDelivery& taken,
                                         const Entry& entry, Delivery delivery) {
  const auto& verdict = taken.verdict;
  const auto& tenant = claimed.tenant;
  const auto stood_at = std::optional(taken.queued.at);
  // Redelivered while the attempt was under way: the new place in the queue stands, whatever came of this attempt.
  const bool requeued = delivery.next_attempt_at != stood_at;
  ++delivery.attempts;
  delivery.last_code = verdict.code;
  delivery.last_latency_ms = claimed.latency_ms;
  delivery.last_reason = verdict.reason;
  if (verdict.result == AttemptResult::delivered) delivery.succeeded_at = cx.now();
  if (!requeued) {
    ++delivery.tries;
    const auto delay =
        verdict.result == AttemptResult::failed ? next_delay(delivery.tries, verdict.retry_after, cx.random) : std::nullopt;
    batch.erase(queue_key(tenant, claimed.endpoint, taken.queued.at, delivery.id));
    delivery.next_attempt_at.reset();
    if (delay) {
      delivery.next_attempt_at = cx.now() + *delay;
      batch.put(queue_key(tenant, claimed.endpoint, *delivery.next_attempt_at, delivery.id), std::to_string(delivery.event_seq));
    } else if (verdict.result == AttemptResult::delivered) {
      delivery.status = DeliveryStatus::succeeded;
    } else {
      delivery.status = DeliveryStatus::failed;
      batch.put(dead_key(tenant, claimed.endpoint, delivery.id.text()), "");
    }
  }
  const DeliveryAttempt log{
      .number = delivery.attempts,
      .at = claimed.sent_at,
      .code = verdict.code,
      .latency_ms = claimed.latency_ms,
      .reason = verdict.reason,
      .body = verdict.body,
      .next_attempt_at = delivery.next_attempt_at,
  };
  batch.create_final(attempt_key(tenant, delivery.id, log.number), to_row(log));
  batch.replace(entry, to_row(delivery));
  return delivery.next_attempt_at;
}

/// One success ends a series of failures; 410, or five days of nothing but failures, disables. Whether it disabled just now.
bool update_failure_state(Endpoint& endpoint, const DeliveryBatch& claimed, UnixMillis now) {
  const auto any = [&](AttemptResult result) {
    return std::ranges::any_of(claimed.taken, [&](const ClaimedDelivery& taken) { return taken.verdict.result == result; });
  };
  if (any(AttemptResult::delivered)) {
    endpoint.failing_since.reset();
  } else if (!endpoint.failing_since) {
    endpoint.failing_since = claimed.sent_at;
  }
  if (endpoint.status != EndpointStatus::enabled) return false;
  if (any(AttemptResult::gone)) {
    endpoint.disabled_reason = "the receiver answered 410 Gone";
  } else if (endpoint.failing_since && now - *endpoint.failing_since >= failing_max) {
    endpoint.disabled_reason = "every attempt failed for five days";
  } else {
    return false;
  }
  endpoint.status = EndpointStatus::disabled;
  endpoint.disabled_at = now;
  return true;
}

/// Everything that the attempts changed, in one commit; nothing when the lease was lost, for then another run repeats them.
Task<Result<>> record(Context& cx, const DeliveryBatch& claimed) {
  auto stored = co_await cx.store.load<Endpoint>(endpoint_key(claimed.tenant, claimed.endpoint.text()));
  if (!stored || stored->record.lease != claimed.lease) co_return fail(ErrorCode::lease_elsewhere);
  auto& endpoint = stored->record;
  std::vector<std::string> keys;
  for (const auto& taken : claimed.taken) keys.push_back(delivery_key(claimed.tenant, taken.queued.id));
  const auto entries = co_await cx.store.get_all(std::move(keys));
  const auto rows = co_await cx.store.scan(
      {.prefix = queue_prefix(claimed.tenant, claimed.endpoint), .after = {}, .limit = delivery_batch_max + 1});

  std::optional<UnitOfWork> unit;
  if (update_failure_state(endpoint, claimed, cx.now())) unit = co_await UnitOfWork::load(cx, claimed.tenant);
  WriteBatch own;
  auto& batch = unit ? unit->batch() : own;

  std::optional<UnixMillis> next;
  const auto due_again = [&](std::optional<UnixMillis> at) {
    if (at && (!next || *at < *next)) next = at;
  };
  std::vector<std::string> left;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto& taken = claimed.taken[i];
    co_await invariant(entries[i].has_value(), "a queued delivery exists");
    auto delivery = co_await from_row<Delivery>(entries[i]->value);
    due_again(record_attempt(cx, batch, claimed, taken, *entries[i], std::move(delivery)));
    left.push_back(queue_key(claimed.tenant, claimed.endpoint, taken.queued.at, taken.queued.id));
  }
  for (const auto& row : rows) {
    const auto queued = parse_queue_row(row);
    if (queued && std::ranges::find(left, row.key) == left.end()) due_again(queued->at);
  }
  endpoint.busy_until.reset();
  endpoint.lease.clear();
  move_due(cx, batch, claimed.tenant, endpoint, endpoint.status == EndpointStatus::enabled ? next : std::nullopt);
  batch.replace(stored->entry, to_row(endpoint));
  if (!unit) co_return co_await attempt(cx.store.commit(std::move(own)));
  unit->emit(EventType::webhook_endpoint_disabled, endpoint_json(endpoint, claimed.tenant));
  co_return co_await attempt(unit->commit());
}

}  // namespace

Task<Result<>> deliver_due(Context& cx, std::string due_key) {
  const auto work = parse_due_key(due_key);
  auto endpoint = work ? EndpointId::parse(work->id) : std::nullopt;
  co_await invariant(endpoint.has_value(), "a webhook task is named by an endpoint's due row");
  const auto lease = cx.random.base62(12);
  auto claimed = co_await retry([&] { return claim(cx, due_key, *work, *endpoint, lease); });
  if (claimed.taken.empty()) co_return {};
  co_await make_attempts(cx, claimed);
  co_return co_await attempt(retry([&] { return record(cx, claimed); }));
}

}  // namespace lntpay
