// The object `sandbox` of the API: its fields and how they are read; sandbox_json (sandbox_operations.hpp) writes it.
#pragma once
#include "core/base/object.hpp"
#include "core/operations/sandbox_operations.hpp"

namespace lntpay {

inline constexpr auto sandbox_object = object_of<Context>(
    kind_member<"sandbox">(), member("now", "The current time of the workspace.", [](const auto& v) { return v.now(); }),
    member({.name = "clock_ahead_ms", .description = "How far the workspace's clock is ahead of the host's.", .min = 0},
           [](const auto& v) { return v.sandbox.ahead.value; }),
    member({.name = "generation", .description = "How often the workspace was reset.", .min = 0},
           [](const auto& v) { return v.sandbox.generation; }),
    member("moving", "Whether due work is still being moved to the new time, after the clock was advanced over much of it.",
           [](const auto& v) { return v.sandbox.moving; }),
    member("faults", "The faults that are injected.", [](const auto& v) { return name_list<SandboxFault>(v.sandbox.faults); }),
    member({.name = "request_error", .description = "The error with which requests fail.", .names = published_errors},
           [](const auto& v) { return v.sandbox.error; }));

inline constexpr auto sandbox_fields = sandbox_object.fields();

}  // namespace lntpay
