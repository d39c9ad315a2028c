// The objects `webhook_delivery` and `webhook_recovery` of the API: their fields and how they are read.
#pragma once
#include "core/base/object.hpp"
#include "core/webhook/delivery.hpp"

namespace lntpay {

struct DeliveryView {
  const Delivery& delivery;
  const std::vector<DeliveryAttempt>* log = nullptr;  ///< null: left out
};

/// null before the first attempt.
std::optional<RawJson<std::string>> last_attempt(const Delivery& delivery);
OnlyWhenGiven<RawJson<std::string>> attempt_log(const DeliveryView& view);

inline constexpr auto webhook_delivery_object = object_of<DeliveryView>(
    member("id", "whd_…", [](const auto& v) { return std::string_view(v.delivery.id.text()); }), kind_member<"webhook_delivery">(),
    member("endpoint_id", "The endpoint that it is sent to.",
           [](const auto& v) { return std::string_view(v.delivery.endpoint.text()); }),
    member("event_id", "The event that it carries: the webhook-id of every attempt.",
           [](const auto& v) { return std::string_view(v.delivery.event.text()); }),
    member("event_type", "The type of the event.", [](const auto& v) { return v.delivery.type; }),
    member("status", "The state of the delivery.", [](const auto& v) { return v.delivery.status; }),
    member({.name = "attempts", .description = "The number of attempts so far.", .min = 0},
           [](const auto& v) { return v.delivery.attempts; }),
    member("next_attempt_at", "When the next attempt is due.", [](const auto& v) { return v.delivery.next_attempt_at; }),
    member("succeeded_at", "When the endpoint accepted it.", [](const auto& v) { return v.delivery.succeeded_at; }),
    member("created_at", "When it was queued.", [](const auto& v) { return v.delivery.created_at; }),
    member("last_attempt", "response_code, latency_ms and failure of the last attempt; null before the first.",
           [](const auto& v) { return last_attempt(v.delivery); }),
    member("attempt_log", "Every attempt, oldest first; only in the response for a single delivery.",
           [](const auto& v) { return attempt_log(v); }));

inline constexpr auto webhook_delivery_fields = webhook_delivery_object.fields();

struct Recovery {
  std::uint32_t redelivered = 0;
};

inline constexpr auto webhook_recovery_object = object_of<Recovery>(
    kind_member<"webhook_recovery">(),
    member({.name = "redelivered", .description = "How many deliveries were queued; call again until it is 0.", .min = 0},
           [](const auto& v) { return v.redelivered; }));

inline constexpr auto webhook_recovery_fields = webhook_recovery_object.fields();

}  // namespace lntpay
