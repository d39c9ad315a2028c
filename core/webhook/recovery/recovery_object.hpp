// The object `webhook_recovery` of the API: its fields and how they are read; recovery_json (recovery.hpp) writes it.
#pragma once
#include "core/base/object.hpp"
#include "core/webhook/recovery/recovery.hpp"

namespace lntpay {

inline constexpr std::string_view recovery_statuses[] = {"running", "done"};
inline constexpr auto webhook_recovery_object = object_of<Recovery>(
    kind_member<"webhook_recovery">(),
    member("endpoint_id", "The endpoint whose events are recovered.",
           [](const auto& v) { return std::string_view(v.endpoint.text()); }),
    member({.name = "status", .description = "running or done", .names = recovery_statuses},
           [](const auto& v) { return NameOf{recovery_statuses[v.ended_at ? 1 : 0]}; }),
    member("since", "The start of the period.", [](const auto& v) { return v.since; }),
    member("until", "The end of the period, which is not part of it.", [](const auto& v) { return v.until; }),
    member("dry_run", "Whether deliveries are only counted.", [](const auto& v) { return v.dry_run; }),
    member({.name = "examined", .description = "How many events of the period were examined so far.", .min = 0},
           [](const auto& v) { return v.examined; }),
    member({.name = "queued", .description = "How many deliveries were queued so far; in a dry run: would be.", .min = 0},
           [](const auto& v) { return v.queued; }),
    member("pruned", "Whether events of the period are gone: they are older than the events that this host keeps.",
           [](const auto& v) { return v.pruned; }),
    member("started_at", "When it was requested.", [](const auto& v) { return v.started_at; }),
    member("ended_at", "When it ended; null while it is running.", [](const auto& v) { return v.ended_at; }));

inline constexpr auto webhook_recovery_fields = webhook_recovery_object.fields();

}  // namespace lntpay
