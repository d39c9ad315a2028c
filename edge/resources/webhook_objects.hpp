// The objects of the API, continued: webhooks, and what the service says of itself.
#pragma once
#include "core/event/event.hpp"
#include "core/webhook/delivery.hpp"
#include "core/webhook/endpoint.hpp"
#include "edge/http/schema.hpp"

namespace lntpay::objects {

inline constexpr Field webhook_endpoint[] = {
    {.name = "id", .type = text, .description = "whe_…", .required = true},
    {.name = "object", .type = text, .description = "\"webhook_endpoint\"", .required = true},
    {.name = "url", .type = url, .description = "Where events are posted to.", .required = true},
    {.name = "description", .type = text, .description = "Your note on it.", .required = true, .min = 0},
    {.name = "event_types",
     .type = names,
     .description = "Which types; [\"*\"] is all.",
     .required = true,
     .names = enum_names<EventType>},
    {.name = "status", .type = one_of, .description = "enabled or disabled", .required = true, .names = enum_names<EndpointStatus>},
    {.name = "disabled_at", .type = time, .description = "Since when it gets nothing."},
    {.name = "disabled_reason", .type = text, .description = "Why."},
    {.name = "failing_since", .type = time, .description = "The first failure since the last success."},
    {.name = "created_at", .type = time, .description = "When it was made.", .required = true},
    {.name = "environment", .type = one_of, .description = "test or live", .required = true, .names = enum_names<Environment>},
    {.name = "secret", .type = text, .description = "The signing secret: only in the answer that drew it."},
};

inline constexpr Field webhook_delivery[] = {
    {.name = "id", .type = text, .description = "whd_…", .required = true},
    {.name = "object", .type = text, .description = "\"webhook_delivery\"", .required = true},
    {.name = "endpoint_id", .type = text, .description = "Where it goes.", .required = true},
    {.name = "event_id", .type = text, .description = "What it carries: its webhook-id, at every attempt.", .required = true},
    {.name = "event_type", .type = one_of, .description = "The event's type.", .required = true, .names = enum_names<EventType>},
    {.name = "status", .type = one_of, .description = "Where it stands.", .required = true, .names = enum_names<DeliveryStatus>},
    {.name = "attempts", .type = integer, .description = "How often it was tried.", .required = true, .min = 0},
    {.name = "created_at", .type = time, .description = "When it was queued.", .required = true},
    {.name = "next_attempt_at", .type = time, .description = "When it is tried next."},
    {.name = "succeeded_at", .type = time, .description = "When it was taken."},
    {.name = "last_attempt", .type = object, .description = "response_code, latency_ms, failure of the last one; null before."},
    {.name = "attempt_log", .type = object, .description = "Every attempt, oldest first: only where one delivery is asked for."},
};

inline constexpr Field webhook_recovery[] = {
    {.name = "object", .type = text, .description = "\"webhook_recovery\"", .required = true},
    {.name = "redelivered",
     .type = integer,
     .description = "How many are sent again; call again until it is 0.",
     .required = true,
     .min = 0},
};

inline constexpr Field deleted[] = {
    {.name = "id", .type = text, .description = "What was deleted.", .required = true},
    {.name = "object", .type = text, .description = "Its kind.", .required = true},
    {.name = "deleted", .type = boolean, .description = "true", .required = true},
};

inline constexpr Field readiness[] = {
    {.name = "status", .type = text, .description = "\"ready\"", .required = true},
    {.name = "store", .type = text, .description = "\"ok\"", .required = true},
    {.name = "node",
     .type = object,
     .description = "Of each environment: \"sandbox\" for test; status and reason for live.",
     .required = true},
};

}  // namespace lntpay::objects
