// The object `webhook_delivery` of the API: its fields and how they are read.
#pragma once
#include "core/base/object.hpp"
#include "core/webhook/delivery/delivery.hpp"

namespace lntpay {

struct DeliveryView {
  const Delivery& delivery;
  const std::vector<DeliveryAttempt>* log = nullptr;  ///< null: left out
};

constexpr std::optional<std::uint16_t> response_code(std::uint16_t code) { return code == 0 ? std::nullopt : std::optional(code); }

inline constexpr auto last_attempt_object = object_of<Delivery>(
    member("response_code", "The status of the response; null if there was none.",
           [](const auto& v) { return response_code(v.last_code); }),
    member("latency_ms", "Milliseconds until the response.", [](const auto& v) { return v.last_latency_ms; }),
    member("failure", "Why it failed; null if it succeeded.", [](const auto& v) { return null_if_empty(v.last_reason); }));

inline constexpr auto attempt_object = object_of<DeliveryAttempt>(
    member("number", "1, 2, 3, …", [](const auto& v) { return v.number; }),
    member("at", "When the attempt began.", [](const auto& v) { return v.at; }),
    member("response_code", "The status of the response; null if there was none.",
           [](const auto& v) { return response_code(v.code); }),
    member("latency_ms", "Milliseconds until the response.", [](const auto& v) { return v.latency_ms; }),
    member("failure", "Why it failed; null if it succeeded.", [](const auto& v) { return null_if_empty(v.reason); }),
    member({.name = "response_body", .description = "The beginning of the response's body.", .min = 0},
           [](const auto& v) { return std::string_view(v.body); }),
    member("next_attempt_at", "When the next attempt was due.", [](const auto& v) { return v.next_attempt_at; }));

inline constexpr auto webhook_delivery_object = object_of<DeliveryView>(
    member("id", "whd_…", [](const auto& v) { return std::string_view(v.delivery.id.text()); }), kind_member<"webhook_delivery">(),
    member("endpoint_id", "The endpoint that it is sent to; null: it goes to the webhook_url of its charge.",
           [](const auto& v) {
             return v.delivery.url.empty() ? std::optional(std::string_view(v.delivery.endpoint.text())) : std::nullopt;
           }),
    member("url", "The webhook_url of its charge; null: it goes to the endpoint's URL.",
           [](const auto& v) { return v.delivery.url.empty() ? std::nullopt : std::optional(UrlText{v.delivery.url}); }),
    member("event_id", "The event that it carries: the webhook-id of every attempt.",
           [](const auto& v) { return std::string_view(v.delivery.event.text()); }),
    member("event_type", "The type of the event.", [](const auto& v) { return v.delivery.type; }),
    member("status", "The state of the delivery.", [](const auto& v) { return v.delivery.status; }),
    member({.name = "attempts", .description = "The number of attempts so far.", .min = 0},
           [](const auto& v) { return v.delivery.attempts; }),
    member("next_attempt_at", "When the next attempt is due.", [](const auto& v) { return v.delivery.next_attempt_at; }),
    member("succeeded_at", "When the endpoint accepted it.", [](const auto& v) { return v.delivery.succeeded_at; }),
    member("created_at", "When it was queued.", [](const auto& v) { return v.delivery.created_at; }),
    member("last_attempt", "The last attempt; null before the first.",
           [](const auto& v) {
             return v.delivery.attempts == 0 ? std::nullopt : std::optional(described<last_attempt_object>(v.delivery));
           }),
    member("attempt_log", "Every attempt, oldest first; only in the response for a single delivery.", [](const auto& v) {
      return OnlyWhenGiven<Described<attempt_object, 1>>{v.log == nullptr ? std::nullopt
                                                                          : std::optional(described_list<attempt_object>(*v.log))};
    }));

inline constexpr auto webhook_delivery_fields = webhook_delivery_object.fields();

}  // namespace lntpay
