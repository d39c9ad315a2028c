// The objects `gate`, `redemption` and `admission` of the API: their fields and how they are read.
#pragma once
#include "core/base/object.hpp"
#include "core/gate/gate.hpp"
#include "core/gate/redemption.hpp"

namespace lntpay {

struct GateView {
  const Gate& gate;
  const TenantScope& tenant;
};

inline constexpr auto gate_object = object_of<GateView>(
    member("id", "gate_…", [](const auto& v) { return std::string_view(v.gate.id.text()); }), kind_member<"gate">(),
    member({.name = "name", .description = "Your name for the gate.", .min = 0},
           [](const auto& v) { return std::string_view(v.gate.name); }),
    member("price_sats", "The price of one payment.", [](const auto& v) { return Sats{v.gate.price.value / 1'000}; }),
    member("match", "The requests that the gate guards: {\"method\", \"path\"}.",
           [](const auto& v) {
             return RawJson{JsonObject{}.add("method", v.gate.match.method).add("path", v.gate.match.path).text()};
           }),
    member("mode", "per_request or pass", [](const auto& v) { return v.gate.mode; }),
    member("uses", "Of a pass: the number of requests that one payment covers; null: unlimited until the pass expires.",
           [](const auto& v) { return v.gate.mode == GateMode::pass ? v.gate.uses : std::nullopt; }),
    member("ttl_seconds", "Of a pass: how long it is valid after its invoice has expired.",
           [](const auto& v) { return v.gate.mode == GateMode::pass ? std::optional(v.gate.ttl_s) : std::nullopt; }),
    member("schemes", "The schemes that a challenge offers.", [](const auto& v) { return name_list<GateScheme>(v.gate.schemes); }),
    member("commit", "at_once or explicit", [](const auto& v) { return v.gate.commit; }),
    member("created_at", "When the gate was created.", [](const auto& v) { return v.gate.created_at; }),
    member("revoked_at", "When all credentials issued so far were last revoked.", [](const auto& v) { return v.gate.revoked_at; }),
    member("environment", "test or live", [](const auto& v) { return v.tenant.environment; }));

inline constexpr auto gate_fields = gate_object.fields();

inline constexpr std::string_view redemption_statuses[] = {"reserved", "committed", "released"};
struct RedemptionView {
  const Redemption& redemption;
  std::string_view status;
};

inline constexpr auto redemption_object = object_of<RedemptionView>(
    member("id", "rdm_…: the same whenever this use is claimed.",
           [](const auto& v) { return std::string_view(v.redemption.id.text()); }),
    kind_member<"redemption">(),
    member("gate_id", "gate_…", [](const auto& v) { return std::string_view(v.redemption.gate.text()); }),
    member("payment_hash", "The payment hash of the payment.", [](const auto& v) { return v.redemption.payment_hash; }),
    member("use", "The number of the use: 1 is the first.", [](const auto& v) { return v.redemption.use; }),
    member({.name = "status", .description = "The state of the use.", .names = redemption_statuses},
           [](const auto& v) { return NameOf{v.status}; }),
    member("environment", "test or live", [](const auto& v) { return v.redemption.tenant.environment; }));

inline constexpr auto redemption_fields = redemption_object.fields();

/// The answer to a check at a gate: an admission, or why the request is refused.
struct AdmissionView {
  std::optional<Admission> admission{};
  std::uint16_t status = 0;   ///< refused: the status to answer with
  std::string_view reason{};  ///< refused

  [[nodiscard]] std::optional<RedemptionId> id() const { return admission ? admission->redemption : std::nullopt; }
};

template <class T>
constexpr OnlyWhenGiven<std::optional<T>> admitted_only(const AdmissionView& view, std::optional<T> value) {
  return {view.admission ? std::optional(std::move(value)) : std::nullopt};
}
template <class T>
constexpr OnlyWhenGiven<T> refused_only(const AdmissionView& view, T value) {
  return {view.admission ? std::nullopt : std::optional(std::move(value))};
}

inline constexpr auto admission_object = object_of<AdmissionView>(
    kind_member<"admission">(),
    member("allowed", "Whether the request may pass.", [](const auto& v) { return v.admission.has_value(); }),
    member("redemption_id", "rdm_…; null where no use is counted.",
           [](const auto& v) { return admitted_only(v, v.id().transform([](const RedemptionId& id) { return id.text(); })); }),
    member("reservation", "Pass it to commit or release.",
           [](const auto& v) { return admitted_only(v, v.id() ? std::optional(v.admission->reservation) : std::nullopt); }),
    member("status", "If refused: the status to answer with: 402, 401 or 409.",
           [](const auto& v) { return refused_only(v, v.status); }),
    member("reason", "If refused: the reason, for people.", [](const auto& v) { return refused_only(v, v.reason); }));

inline constexpr auto admission_fields = admission_object.fields();

std::string redemption_json(const RedemptionView& view);
std::string admission_json(const AdmissionView& view);

}  // namespace lntpay
