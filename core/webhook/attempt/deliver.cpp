// A run: claim, attempt, record and claim the next.
#include "core/webhook/attempt/deliver.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/ledger/unit_of_work.hpp"
#include "core/tenant/readable.hpp"
#include "core/webhook/attempt/attempt_claim.hpp"
#include "core/webhook/attempt/queued_delivery.hpp"
#include "core/webhook/delivery/charge_target.hpp"
#include "core/webhook/delivery/delivery.hpp"
#include "core/webhook/delivery/delivery_order.hpp"
#include "core/webhook/egress/egress.hpp"
#include "core/webhook/endpoint/endpoint_observations.hpp"
#include "core/webhook/endpoint/failure_run.hpp"
#include "core/webhook/queue/schedule.hpp"
#include "core/webhook/secret/signature.hpp"

namespace lntpay {
namespace {

/// An attempt that has ended.
struct MadeAttempt {
  AttemptOutcome outcome{};
  UnixMillis at;
  std::uint32_t latency_ms = 0;
};

/// Fails when a secret or a header's value cannot be opened with the operator's keys.
Result<std::vector<Header>> headers_for(const Context& cx, const ClaimedAttempt& claimed, const std::string& body) {
  const auto& receiver = claimed.receiver;
  const auto signed_at = cx.host_now();
  const auto secrets =
      live_secrets(receiver.secrets, receiver.active_secret, cx.settings, secrets_key(claimed.tenant, receiver.id), signed_at);
  if (!secrets) return std::unexpected(secrets.error());
  auto custom = open_headers(receiver.headers, cx.settings.seal, endpoint_key(claimed.tenant, receiver.id.text()));
  if (!custom) return std::unexpected(custom.error());
  std::vector<Header> headers{{"content-type", "application/json"}, {"user-agent", std::string(delivery_user_agent)}};
  std::ranges::move(signed_headers(secrets->all, secrets->active, claimed.event.id.text(), signed_at, body),
                    std::back_inserter(headers));
  std::ranges::move(*custom, std::back_inserter(headers));
  return headers;
}

Result<Outgoing> request_for(const Context& cx, const ClaimedAttempt& claimed) {
  auto body = webhook_body(claimed.event, claimed.tenant);
  auto headers = headers_for(cx, claimed, body);
  if (!headers) return std::unexpected(headers.error());
  return Outgoing{.upstream = "webhook",
                  .method = "POST",
                  .target = claimed.receiver.url,
                  .headers = std::move(*headers),
                  .body = std::move(body),
                  .timeout_ms = delivery_timeout_ms,
                  .lines = 0,
                  .once = false,
                  .body_limit = delivery_answer_bytes_max,
                  .workspace = share_of(claimed.tenant.workspace, claimed.receiver.id.text())};
}

/// Where nothing may be sent, by the egress rules for one, the attempt has failed.
Task<Result<MadeAttempt>> make_attempt(Context& cx, const ClaimedAttempt& claimed) {
  MadeAttempt made{.at = cx.now()};
  if (cx.sandbox.has(SandboxFault::webhooks_down)) {
    made.outcome = unsent_attempt("not sent: the sandbox fault webhooks_down is enabled");
    co_return std::move(made);
  }
  if (const auto allowed = check_egress_url(claimed.receiver.url, cx.settings.egress, claimed.tenant.environment); !allowed) {
    made.outcome = unsent_attempt("not sent: " + allowed.error());
    co_return std::move(made);
  }
  auto request = request_for(cx, claimed);
  if (!request) {
    made.outcome = unsent_attempt(request.error().message);
    co_return std::move(made);
  }
  std::vector<Outgoing> requests;
  requests.push_back(std::move(*request));
  const auto replies = co_await cx.fetch.send_all(std::move(requests));
  co_await invariant(replies.size() == 1, "a request has a reply");
  made.outcome = outcome_of(replies.front(), cx.host_now());
  const auto now = cx.now();
  made.latency_ms = now > made.at ? static_cast<std::uint32_t>((now - made.at).value) : 0;
  co_return std::move(made);
}

/// The endpoint's run of failures, and its row, which may be damaged.
struct StandingFailures {
  std::optional<Entry> row;
  std::optional<FailureRun> run{};
};

/// The rows that a record changes, as they are now.
struct StandingRows {
  StandingSlot slot;
  std::optional<Stored<Delivery>> delivery{};  ///< nullopt: damaged, so that the attempt cannot be recorded
  std::optional<Stored<Endpoint>> endpoint{};  ///< nullopt: deleted meanwhile, or a charge target
  StandingFailures failures{};
};

/// Takes delivery and endpoint as the claim has read them; where the commit finds that they have changed, the next call reads them.
///
/// Fails with lease_elsewhere when another run has the slot: this one's lease ended long ago. Fails on a damaged endpoint: whether
/// it still wants the delivery is unknown.
Task<Result<StandingRows>> load_standing(Context& cx, ClaimedAttempt& claimed) {
  const auto& tenant = claimed.tenant;
  const auto endpoint = claimed.receiver.id;
  auto known = std::exchange(claimed.read, std::nullopt);
  std::vector keys{flight_key(tenant, endpoint, claimed.slot), failing_key(tenant, endpoint.text())};
  if (!known) {
    keys.push_back(delivery_key(tenant, claimed.flight.delivery));
    keys.push_back(endpoint_key(tenant, endpoint.text()));
  }
  auto [rows, heads] = co_await cx.store.read(keys, head_ranges(tenant, endpoint, claimed.slot));
  if (!rows[0] || rows[0]->value != to_row(claimed.flight)) co_return fail(ErrorCode::lease_elsewhere);
  StandingRows standing{.slot = {.flight = std::move(*rows[0]), .heads = std::move(heads)}};
  if (known) {
    standing.delivery = std::move(known->delivery);
    standing.endpoint = std::move(known->endpoint);
  } else {
    standing.delivery = readable<Delivery>(cx, keys[2], std::move(rows[2]));
    if (rows[3]) standing.endpoint.emplace(co_await from_row<Endpoint>(*rows[3]), *rows[3]);
  }
  if (rows[1]) {
    if (auto run = readable<FailureRun>(cx, keys[1], rows[1])) standing.failures.run = std::move(run->record);
  }
  standing.failures.row = std::move(rows[1]);
  co_return std::move(standing);
}

/// Moves the delivery to its next place in a queue, or ends it.
void requeue_or_end(Context& cx, WriteBatch& batch, const ClaimedAttempt& claimed, const AttemptOutcome& outcome,
                    Delivery& delivery, bool has_receiver) {
  const auto& tenant = claimed.tenant;
  const auto& endpoint = claimed.receiver.id;
  std::optional<Millis> delay;
  if (outcome.result == AttemptResult::not_tried) {
    delay = capacity_delay(cx.now() - delivery.created_at, cx.random);
  } else {
    ++delivery.tries;
    if (outcome.result == AttemptResult::failed) delay = next_delay(delivery.tries, outcome.retry_after, cx.random);
  }
  delivery.next_attempt_at.reset();
  if (outcome.result == AttemptResult::delivered) {
    delivery.status = DeliveryStatus::succeeded;
  } else if (!has_receiver) {
    delivery.status = DeliveryStatus::canceled;
  } else if (delay) {
    delivery.next_attempt_at = cx.now() + *delay;
    put_queued(batch, tenant, endpoint, delivery.queued());
    start_run_at(cx, batch, tenant, endpoint, *delivery.next_attempt_at);
  } else {
    delivery.status = DeliveryStatus::failed;
    batch.put(dead_key(tenant, endpoint, delivery.event_seq), delivery.id.text());
  }
}

/// Writes the attempt's log row and the delivery, which it returns. An attempt that the host could not make only moves in the
/// queue.
Delivery record_attempt(Context& cx, WriteBatch& batch, const ClaimedAttempt& claimed, const MadeAttempt& made,
                        const Stored<Delivery>& stored, bool has_receiver) {
  auto delivery = stored.record;
  const auto& outcome = made.outcome;
  const bool was_tried = outcome.result != AttemptResult::not_tried;
  // A redelivery that was requested during the attempt keeps its place in the queue, whatever the outcome.
  const bool is_requeued = delivery.next_attempt_at != std::optional(claimed.flight.queued_at);
  if (was_tried) {
    ++delivery.attempts;
    delivery.last_code = outcome.code;
    delivery.last_latency_ms = made.latency_ms;
    delivery.last_reason = outcome.reason;
    if (outcome.result == AttemptResult::delivered) delivery.succeeded_at = cx.now();
  }
  if (!is_requeued) requeue_or_end(cx, batch, claimed, outcome, delivery, has_receiver);
  if (was_tried) {
    const DeliveryAttempt log{
        .number = delivery.attempts,
        .at = made.at,
        .code = outcome.code,
        .latency_ms = made.latency_ms,
        .reason = outcome.reason,
        .body = outcome.body,
        .next_attempt_at = delivery.next_attempt_at,
    };
    batch.create_final(attempt_key(claimed.tenant, delivery.id, log.number), to_row(log));
  }
  batch.replace(stored.entry, to_row(delivery));
  return delivery;
}

/// The object's next event may leave when the delivery has ended, or cannot be recorded because its row is damaged.
Task<Result<>> end_turn(Context& cx, WriteBatch& batch, const ClaimedAttempt& claimed, std::optional<Delivery> delivery) {
  const bool is_damaged =
      !delivery && claimed.receiver.ordering == DeliveryOrder::per_object && !object_id_of(claimed.event).empty();
  if (is_damaged) {
    delivery = Delivery{.id = claimed.flight.delivery,
                        .endpoint = claimed.receiver.id,
                        .event_seq = claimed.flight.event_seq,
                        .object = std::string(object_id_of(claimed.event))};
  }
  if (is_damaged || (delivery && delivery->is_ordered && delivery->status != DeliveryStatus::pending))
    co_await pass_turn(cx, batch, claimed.tenant, std::move(*delivery));
  co_return {};
}

/// The endpoint's run of failures after the attempt.
struct FailureCount {
  FailureStep step = FailureStep::none;
  std::optional<FailureRun> run{};  ///< to be written
  bool is_over = false;             ///< to be removed
};

/// Only attempts under the endpoint's present url, and since it was enabled, count.
FailureCount count_outcome(const ClaimedAttempt& claimed, const MadeAttempt& made, const Endpoint& endpoint,
                           const StandingFailures& stored) {
  if (endpoint.status != EndpointStatus::enabled || endpoint.epoch != claimed.flight.epoch) return {};
  switch (made.outcome.result) {
    case AttemptResult::not_tried: return {};
    case AttemptResult::delivered: return {.is_over = stored.row.has_value()};
    case AttemptResult::gone: return {.step = FailureStep::disable};
    case AttemptResult::failed: break;
  }
  auto run = stored.run && stored.run->epoch == endpoint.epoch ? *stored.run : FailureRun{.epoch = endpoint.epoch};
  const auto step = add_failure(run, claimed.flight.delivery, made.at);
  return {.step = step, .run = std::move(run)};
}

void write_count(WriteBatch& batch, const ClaimedAttempt& claimed, const FailureCount& count, const StandingFailures& stored) {
  auto key = failing_key(claimed.tenant, claimed.receiver.id.text());
  if (count.is_over) {
    batch.erase(std::move(key));
  } else if (count.run) {
    batch.replace_or_create(stored.row ? &*stored.row : nullptr, std::move(key), to_row(*count.run));
  }
}

/// Emits the event of a step, and disables the endpoint.
Task<Result<>> take_step(Context& cx, UnitOfWork& unit, TenantScope tenant, const FailureCount& count, AttemptResult result,
                         Stored<Endpoint>& stored) {
  auto& endpoint = stored.record;
  co_await add_observations(cx, tenant, {&endpoint, 1});
  if (count.run) endpoint.failing_since = count.run->since;
  const bool is_disabled = count.step == FailureStep::disable;
  if (is_disabled) {
    endpoint.disable(cx.now(),
                     result == AttemptResult::gone ? "the receiver responded 410 Gone" : "every attempt failed for five days",
                     unit.account().events);
  }
  unit.batch().replace(stored.entry, to_row(endpoint));  // the outbox gives an endpoint that its commit changes no event
  unit.emit(is_disabled ? EventType::webhook_endpoint_disabled : EventType::webhook_endpoint_failing,
            endpoint_json(endpoint, tenant, cx.host_now()));
  co_return {};
}

/// Writes the outcome, and takes the slot's next delivery in the same commit.
Task<Result<std::optional<ClaimedAttempt>>> record(Context& cx, ClaimedAttempt& claimed, const MadeAttempt& made,
                                                   bool may_continue) {
  auto [slot, delivery, endpoint, failures] = co_await load_standing(cx, claimed);
  const auto count = endpoint ? count_outcome(claimed, made, endpoint->record, failures) : FailureCount{};
  std::optional<UnitOfWork> unit;
  if (count.step != FailureStep::none) unit = co_await UnitOfWork::load(cx, claimed.tenant);
  WriteBatch own;
  auto& batch = unit ? unit->batch() : own;
  write_count(batch, claimed, count, failures);
  const bool has_receiver = endpoint || is_charge_target(claimed.receiver.id);
  std::optional<Delivery> recorded;
  if (delivery) recorded = record_attempt(cx, batch, claimed, made, *delivery, has_receiver);
  if (has_receiver) co_await end_turn(cx, batch, claimed, std::move(recorded));
  if (unit) co_await take_step(cx, *unit, claimed.tenant, count, made.outcome.result, *endpoint);
  const auto receiver = receiver_of(claimed.receiver.id, endpoint ? &endpoint->record : nullptr);
  std::optional<ClaimedAttempt> next;
  if (receiver && receiver->is_enabled) {
    next = co_await claim_next(cx, batch, claimed, slot, *receiver, may_continue);
  } else {
    free_slot(cx, batch, claimed, slot.flight);
  }
  if (unit) {
    co_await unit->commit();
    if (next) next->read.reset();  // the endpoint has changed
  } else {
    if (endpoint) batch.keep(endpoint->entry);
    co_await cx.store.commit(std::move(own));
    if (next && next->read) next->read->endpoint = std::move(endpoint);
  }
  co_return std::move(next);
}

}  // namespace

Task<Result<>> deliver_due(Context& cx, std::string due_key) {
  auto work = parse_due_key(due_key);
  auto endpoint = work ? EndpointId::parse(std::string_view(work->id).substr(0, work->id.find('.'))) : std::nullopt;
  co_await invariant(endpoint.has_value(), "a webhook task is named by an endpoint's due row");
  constexpr std::size_t run_id_size = 12;
  const DeliveryRun run{std::move(*work), std::move(*endpoint), std::move(due_key), cx.random.base62(run_id_size)};
  auto claimed = co_await retry([&] { return claim_first(cx, run); });
  for (int attempts = 1; claimed; ++attempts) {
    co_await address_receiver(cx, claimed->tenant, claimed->receiver, claimed->flight.delivery);
    const auto made = co_await make_attempt(cx, *claimed);
    claimed = co_await retry([&] { return record(cx, *claimed, made, attempts < attempts_per_run_max); });
  }
  co_return {};
}

}  // namespace lntpay
