// The object `gate` of the API: its fields and how they are read; gate_json (gate.hpp) writes it.
#pragma once
#include "core/base/object.hpp"
#include "core/gate/gate.hpp"

namespace lntpay {

inline constexpr auto gate_match_object = object_of<RequestMatch>(
    member({.name = "method", .description = "GET, POST, …; * for any.", .max = 20, .form = "match_method"},
           [](const auto& v) { return std::string_view(v.method); }),
    member({.name = "path", .description = "/reports, or /reports/* for everything below.", .max = 1'024, .form = "match_path"},
           [](const auto& v) { return std::string_view(v.path); }));

struct GateView {
  const Gate& gate;
  const TenantScope& tenant;
};

inline constexpr auto gate_object = object_of<GateView>(
    member("id", "gate_…", [](const auto& v) { return std::string_view(v.gate.id.text()); }), kind_member<"gate">(),
    member({.name = "name", .description = "Your name for the gate.", .min = 0},
           [](const auto& v) { return std::string_view(v.gate.name); }),
    member("price_sats", "The price of one payment; with a price_url the highest; of a metered gate the credit that it buys.",
           [](const auto& v) { return sats_up(v.gate.price); }),
    member("match", "The requests that the gate guards.", [](const auto& v) { return described<gate_match_object>(v.gate.match); }),
    member("mode", "per_request, pass or metered", [](const auto& v) { return v.gate.mode; }),
    member("uses", "The number of requests that one payment covers; null: unlimited until it expires, and per_request.",
           [](const auto& v) { return v.gate.mode != GateMode::per_request ? v.gate.uses : std::nullopt; }),
    member("ttl_seconds", "How long a payment is valid after its invoice has expired; null: per_request.",
           [](const auto& v) { return v.gate.mode != GateMode::per_request ? std::optional(v.gate.ttl_s) : std::nullopt; }),
    member("schemes", "The schemes that a challenge offers.", [](const auto& v) { return name_list<GateScheme>(v.gate.schemes); }),
    member("commit", "at_once or explicit", [](const auto& v) { return v.gate.commit; }),
    member("repeat_seconds", "How long a committed use may be repeated by the same request; 0: never.",
           [](const auto& v) { return v.gate.repeat_s; }),
    member("not_modified", "What a 304 of the service does with the use: release or commit.",
           [](const auto& v) { return v.gate.not_modified; }),
    member("cors", "Who answers the preflights of browsers: gate or service.", [](const auto& v) { return v.gate.cors; }),
    member("late_policy", "The effect of a payment after its challenge has ended: credit or credit_and_unlock.",
           [](const auto& v) { return v.gate.late_policy; }),
    member("min_credit_msat", "Of a metered gate: a request passes while so much credit is left.",
           [](const auto& v) { return v.gate.mode == GateMode::metered ? std::optional(v.gate.min_credit) : std::nullopt; }),
    member("max_price_msat", "Of a metered gate: the most that one request costs; null: all that is left.",
           [](const auto& v) { return v.gate.mode == GateMode::metered ? v.gate.max_price : std::nullopt; }),
    member("price_url", "Asked for the price of each request; null: price_sats is the price.",
           [](const auto& v) { return null_if_empty(v.gate.price_url); }),
    member("created_at", "When the gate was created.", [](const auto& v) { return v.gate.created_at; }),
    member("revoked_at", "When all credentials issued so far were last revoked.", [](const auto& v) { return v.gate.revoked_at; }),
    member("closed_at", "When the gate was deleted: what it sold passes until it has expired.",
           [](const auto& v) { return v.gate.closed_at; }),
    member("environment", "test or live", [](const auto& v) { return v.tenant.environment; }));

inline constexpr auto gate_fields = gate_object.fields();

}  // namespace lntpay
