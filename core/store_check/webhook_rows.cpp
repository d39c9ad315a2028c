// Rules of the rows of webhooks: a pending delivery is in a queue of its endpoint, in flight or held, a dead letter is listed as
// one.
#include "core/store_check/row_rules.hpp"
#include "core/webhook/attempt/attempt_window.hpp"
#include "core/webhook/delivery/charge_target.hpp"
#include "core/webhook/delivery/delivery.hpp"
#include "core/webhook/delivery/delivery_order.hpp"
#include "core/webhook/endpoint/failure_run.hpp"
#include "core/webhook/queue/pace.hpp"
#include "core/webhook/recovery/recovery.hpp"
#include "core/webhook/secret/workspace_secret.hpp"

namespace lntpay::rules {
namespace {

std::string delivery_row(const RowCheck& at, std::size_t position) { return at.tenant.scope.key("delivery", at.names[position]); }

}  // namespace

void endpoint(RowCheck& at) {
  ++at.tenant.endpoints;
  const auto endpoint = at.record<Endpoint>();
  if (!endpoint) return;
  at.expect_name(0, endpoint->id.text());
  at.expect(!is_charge_target(endpoint->id), "has the id of a charge target");
}

void charge_target(RowCheck& at) { at.expect_id<EndpointId>(0); }

void webhook_secret(RowCheck& at) {
  const auto secret = at.record<WebhookSecret>();
  if (secret) at.expect(!secret->secrets.empty(), "has no secret");
}

void delivery(RowCheck& at) {
  const auto delivery = at.record<Delivery>();
  if (!delivery) return;
  const auto& scope = at.tenant.scope;
  at.expect_name(0, delivery->id.text());
  at.needs(delivery_of_key(scope, delivery->endpoint, delivery->event_seq), delivery->id.text());
  if (!delivery->object.empty()) at.needs(delivery_about_prefix(scope, delivery->object).append(delivery->id.text()), "");
  at.needs_record<Event>(event_key(scope, delivery->event_seq), "is of another event",
                         [id = delivery->event](const Event& event) { return event.id == id; });
  const bool is_of_charge = is_charge_target(delivery->endpoint);
  at.expect(is_of_charge != delivery->url.empty(), "has a URL of its own if and only if it goes to an endpoint");
  if (is_of_charge) {
    at.expect(delivery->endpoint == charge_target_id(scope, delivery->url), "is queued for another origin than its URL's");
    at.needs(webhook_secret_key(scope));
  }
  if (delivery->is_ordered && delivery->status == DeliveryStatus::pending) at.needs(order_key(scope, *delivery));
  if (delivery->attempts > 0) at.needs(attempt_key(scope, delivery->id, delivery->attempts));
  at.expect((delivery->status == DeliveryStatus::pending) == delivery->next_attempt_at.has_value(),
            "waits for an attempt if and only if it is not pending");
  if (delivery->status == DeliveryStatus::pending) at.tenant.unplaced.insert(delivery->id.text());
  if (delivery->status == DeliveryStatus::failed)
    at.needs(dead_key(scope, delivery->endpoint, delivery->event_seq), delivery->id.text());
}

void delivery_of(RowCheck& at) {
  at.needs_record<Delivery>(at.tenant.scope.key("delivery", at.row.value), "lists a delivery of another endpoint or event",
                            [id = std::string(at.names[0]), seq = std::string(at.names[1])](const Delivery& delivery) {
                              return delivery.endpoint.text() == id && padded(delivery.event_seq) == seq;
                            });
}

void delivery_about(RowCheck& at) {
  at.expect_index();
  at.needs_record<Delivery>(delivery_row(at, 1), "lists a delivery about another object",
                            [id = std::string(at.names[0])](const Delivery& delivery) { return delivery.object == id; });
}

void attempt(RowCheck& at) {
  const auto attempt = at.record<DeliveryAttempt>();
  if (!attempt) return;
  at.expect_name(1, padded(attempt->number));
  at.needs_record<Delivery>(delivery_row(at, 0), "was not counted by its delivery",
                            [number = attempt->number](const Delivery& delivery) { return delivery.attempts >= number; });
}

namespace {

void queued_in(QueueKind kind, RowCheck& at) {
  const auto queued = parse_queue_row(kind, at.row);
  const auto endpoint = EndpointId::parse(at.names[0]);
  at.expect(queued && endpoint, "cannot be read");
  if (!queued || !endpoint) return;
  at.expect(queue_key(at.tenant.scope, *endpoint, *queued) == at.row.key && std::to_string(queued->event_seq) == at.row.value,
            "is not written as LNTPay writes it");
  at.tenant.unplaced.erase(queued->id.text());
  at.needs_record<Delivery>(delivery_row(at, 2), "is not the place of its delivery",
                            [of = *endpoint, time = queued->at, seq = queued->event_seq](const Delivery& delivery) {
                              return delivery.endpoint == of && delivery.next_attempt_at == time && delivery.event_seq == seq;
                            });
}

}  // namespace

void queued_first(RowCheck& at) { queued_in(QueueKind::first, at); }
void queued_retry(RowCheck& at) { queued_in(QueueKind::retry, at); }

void flight(RowCheck& at) {
  const auto flight = at.record<Flight>();
  if (!flight) return;
  at.tenant.unplaced.erase(flight->delivery.text());
  at.needs_due("webhook", std::string(at.names[0]) + "." + std::string(at.names[1]));
  at.needs_record<Delivery>(at.tenant.scope.key("delivery", flight->delivery.text()),
                            "holds a delivery of another endpoint or event",
                            [id = std::string(at.names[0]), seq = flight->event_seq](const Delivery& delivery) {
                              return delivery.endpoint.text() == id && delivery.event_seq == seq;
                            });
}

void order_place(RowCheck& at) {
  const auto place = at.record<OrderPlace>();
  if (!place) return;
  if (place->is_held) at.tenant.unplaced.erase(place->delivery.text());
  at.needs_record<Delivery>(at.tenant.scope.key("delivery", place->delivery.text()), "is not the place of its delivery",
                            [scope = at.tenant.scope, key = at.row.key](const Delivery& delivery) {
                              return delivery.is_ordered && delivery.status == DeliveryStatus::pending &&
                                     order_key(scope, delivery) == key;
                            });
}

void pace(RowCheck& at) { at.record<Pace>(); }

void dead_letter(RowCheck& at) {
  at.needs_record<Delivery>(at.tenant.scope.key("delivery", at.row.value), "lists a delivery that has not failed",
                            [](const Delivery& delivery) { return delivery.status == DeliveryStatus::failed; });
}

void failing(RowCheck& at) { at.record<FailureRun>(); }

void recovery(RowCheck& at) {
  const auto recovery = at.record<Recovery>();
  if (!recovery) return;
  at.expect_name(0, recovery->endpoint.text());
  if (!recovery->ended_at) at.needs_due(recovery_kind, recovery->endpoint.text());
}

}  // namespace lntpay::rules
