// Claim, attempt, record.
#include "core/webhook/deliver.hpp"

#include <algorithm>

#include "core/ledger/unit_of_work.hpp"
#include "core/webhook/delivery_batch.hpp"
#include "core/webhook/egress.hpp"
#include "core/webhook/signature.hpp"

namespace lntpay {
namespace {

Outgoing request_for(const DeliveryBatch& claimed, const ClaimedDelivery& each) {
  auto body = event_json(each.event, claimed.tenant);
  std::vector<Header> headers{{"content-type", "application/json"}, {"user-agent", std::string(delivery_user_agent)}};
  for (auto& header : signed_headers(*claimed.secrets, each.event.id.text(), claimed.signed_at, body))
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

/// Sends all at once. Where nothing may be sent, by the egress rules for one, each counts as a failed attempt.
Task<Result<>> make_attempts(Context& cx, DeliveryBatch& claimed) {
  claimed.sent_at = cx.now();
  claimed.signed_at = cx.host_now();
  const auto allowed = check_egress_url(claimed.url, cx.settings.egress, claimed.tenant.environment);
  const bool down = cx.sandbox.has(SandboxFault::webhooks_down);
  if (!allowed || !claimed.secrets || down) {
    const auto reason = down      ? std::string("not sent: the sandbox fault webhooks_down is enabled")
                        : allowed ? claimed.secrets.error().message
                                  : "not sent: " + allowed.error();
    for (auto& each : claimed.deliveries) each.outcome = unsent_attempt(reason);
    co_return {};
  }
  std::vector<Outgoing> requests;
  for (const auto& each : claimed.deliveries) requests.push_back(request_for(claimed, each));
  const auto replies = co_await cx.fetch.send_all(std::move(requests));
  co_await invariant(replies.size() == claimed.deliveries.size(), "every request has a reply");
  const auto now = cx.now();
  claimed.latency_ms = now > claimed.sent_at ? static_cast<std::uint32_t>((now - claimed.sent_at).value) : 0;
  for (std::size_t i = 0; i < replies.size(); ++i) claimed.deliveries[i].outcome = outcome_of(replies[i], cx.host_now());
  co_return {};
}

/// Moves the delivery to its next place in the queue, or ends it.
void requeue_or_end(Context& cx, WriteBatch& batch, const DeliveryBatch& claimed, const ClaimedDelivery& each, Delivery& delivery) {
  const auto& tenant = claimed.tenant;
  const auto result = each.outcome.result;
  ++delivery.tries;
  const auto delay =
      result == AttemptResult::failed ? next_delay(delivery.tries, each.outcome.retry_after, cx.random) : std::nullopt;
  batch.erase(queue_key(tenant, claimed.endpoint, each.queued.at, delivery.id));
  delivery.next_attempt_at.reset();
  if (delay) {
    delivery.next_attempt_at = cx.now() + *delay;
    batch.put(queue_key(tenant, claimed.endpoint, *delivery.next_attempt_at, delivery.id), std::to_string(delivery.event_seq));
  } else if (result == AttemptResult::delivered) {
    delivery.status = DeliveryStatus::succeeded;
  } else {
    delivery.status = DeliveryStatus::failed;
    batch.put(dead_key(tenant, claimed.endpoint, delivery.id.text()), "");
  }
}

/// Writes one attempt: its log row and the delivery. Yields the time of the next attempt.
std::optional<UnixMillis> record_attempt(Context& cx, WriteBatch& batch, const DeliveryBatch& claimed, const ClaimedDelivery& each,
                                         const Entry& entry, Delivery delivery) {
  const auto& outcome = each.outcome;
  // A redelivery that was requested during the attempt keeps its place in the queue, whatever the outcome.
  const bool requeued = delivery.next_attempt_at != std::optional(each.queued.at);
  ++delivery.attempts;
  delivery.last_code = outcome.code;
  delivery.last_latency_ms = claimed.latency_ms;
  delivery.last_reason = outcome.reason;
  if (outcome.result == AttemptResult::delivered) delivery.succeeded_at = cx.now();
  if (!requeued) requeue_or_end(cx, batch, claimed, each, delivery);
  const DeliveryAttempt log{
      .number = delivery.attempts,
      .at = claimed.sent_at,
      .code = outcome.code,
      .latency_ms = claimed.latency_ms,
      .reason = outcome.reason,
      .body = outcome.body,
      .next_attempt_at = delivery.next_attempt_at,
  };
  batch.create_final(attempt_key(claimed.tenant, delivery.id, log.number), to_row(log));
  batch.replace(entry, to_row(delivery));
  return delivery.next_attempt_at;
}

/// A success resets the failures; 410 or five days of failures disable the endpoint. Yields whether it was disabled now.
bool update_failure_state(Endpoint& endpoint, const DeliveryBatch& claimed, UnixMillis now) {
  const auto any = [&](AttemptResult result) {
    return std::ranges::any_of(claimed.deliveries, [&](const ClaimedDelivery& each) { return each.outcome.result == result; });
  };
  if (any(AttemptResult::delivered)) {
    endpoint.failing_since.reset();
  } else if (!endpoint.failing_since) {
    endpoint.failing_since = claimed.sent_at;
  }
  if (endpoint.status != EndpointStatus::enabled) return false;
  if (any(AttemptResult::gone)) {
    endpoint.disabled_reason = "the receiver responded 410 Gone";
  } else if (endpoint.failing_since && now - *endpoint.failing_since >= failing_max) {
    endpoint.disabled_reason = "every attempt failed for five days";
  } else {
    return false;
  }
  endpoint.status = EndpointStatus::disabled;
  endpoint.disabled_at = now;
  return true;
}

/// The earlier of two times, either of which may be missing.
std::optional<UnixMillis> earlier(std::optional<UnixMillis> a, std::optional<UnixMillis> b) {
  return a && b ? std::min(a, b) : a ? a : b;
}

/// The time of the first queue row that is not of this batch.
std::optional<UnixMillis> first_of_others(const std::vector<Entry>& rows, const DeliveryBatch& claimed) {
  const auto is_ours = [&](const Entry& row) {
    return std::ranges::any_of(claimed.deliveries, [&](const ClaimedDelivery& each) {
      return row.key == queue_key(claimed.tenant, claimed.endpoint, each.queued.at, each.queued.id);
    });
  };
  std::optional<UnixMillis> first;
  for (const auto& row : rows) {
    if (const auto queued = parse_queue_row(row); queued && !is_ours(row)) first = earlier(first, queued->at);
  }
  return first;
}

/// Writes the outcome of all attempts in one commit. Fails with lease_elsewhere when another run has taken over.
Task<Result<>> record(Context& cx, const DeliveryBatch& claimed) {
  auto stored = co_await cx.store.load<Endpoint>(endpoint_key(claimed.tenant, claimed.endpoint.text()));
  if (!stored || stored->record.lease != claimed.lease) co_return fail(ErrorCode::lease_elsewhere);
  auto& endpoint = stored->record;
  std::vector<std::string> keys;
  for (const auto& each : claimed.deliveries) keys.push_back(delivery_key(claimed.tenant, each.queued.id));
  const auto entries = co_await cx.store.get_all(std::move(keys));
  const auto rows = co_await cx.store.scan(
      {.prefix = queue_prefix(claimed.tenant, claimed.endpoint), .after = {}, .limit = delivery_batch_max + 1});

  std::optional<UnitOfWork> unit;
  if (update_failure_state(endpoint, claimed, cx.now())) unit = co_await UnitOfWork::load(cx, claimed.tenant);
  WriteBatch own;
  auto& batch = unit ? unit->batch() : own;

  auto next = first_of_others(rows, claimed);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    co_await invariant(entries[i].has_value(), "a queued delivery exists");
    auto delivery = co_await from_row<Delivery>(entries[i]->value);
    next = earlier(next, record_attempt(cx, batch, claimed, claimed.deliveries[i], *entries[i], std::move(delivery)));
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
  auto claimed = co_await retry([&] { return claim_deliveries(cx, due_key, *work, *endpoint, lease); });
  if (claimed.deliveries.empty()) co_return {};
  co_await make_attempts(cx, claimed);
  co_return co_await attempt(retry([&] { return record(cx, claimed); }));
}

}  // namespace lntpay
