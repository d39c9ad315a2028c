// The objects `redemption` and `admission` of the API: their fields and how they are read.
#pragma once
#include "core/base/object.hpp"
#include "core/gate/challenge_object.hpp"
#include "core/gate/redemption.hpp"

namespace lntpay {

inline constexpr std::string_view redemption_statuses[] = {"reserved", "committed", "released"};
struct RedemptionView {
  const Redemption& redemption;
  std::string_view status;
  std::optional<Msat> price{};
  std::optional<Msat> credit{};
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
    member({.name = "price_msat", .description = "Of a metered use that is committed with this: its price.", .min = 0},
           [](const auto& v) { return v.price; }),
    member({.name = "credit_msat", .description = "Of a metered payment: what is not spent.", .min = 0},
           [](const auto& v) { return v.credit; }),
    member("environment", "test or live", [](const auto& v) { return v.redemption.tenant.environment; }));

inline constexpr auto redemption_fields = redemption_object.fields();

/// The answer to a check at a gate: an admission, or why the request is refused.
struct AdmissionView {
  std::optional<Admission> admission{};
  std::uint16_t status = 0;                  ///< refused: the status to answer with
  std::string_view reason{};                 ///< refused
  std::uint32_t retry_after_s = 0;           ///< refused with 409
  const ChallengeView* challenge = nullptr;  ///< refused: to send with the answer; null: none

  [[nodiscard]] std::optional<RedemptionId> id() const { return admission ? admission->redemption : std::nullopt; }
};

/// Null where an admission has no value; not given where the request is refused.
template <class T>
constexpr OnlyWhenGiven<std::optional<T>> admitted_only(const AdmissionView& view, std::optional<T> value) {
  if (!view.admission) return {};
  return {std::optional<std::optional<T>>(std::in_place, std::move(value))};
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
    member("reservation", "Pass it to commit or release; 0: a repeat, which needs neither.",
           [](const auto& v) { return admitted_only(v, v.id() ? std::optional(v.admission->reservation) : std::nullopt); }),
    member("max_price_msat", "Of a metered use: the most that it can cost.",
           [](const auto& v) { return admitted_only(v, v.admission ? v.admission->max_price : std::nullopt); }),
    member("status", "If refused: the status to answer with: 402, 401 or 409.",
           [](const auto& v) { return refused_only(v, v.status); }),
    member("reason", "If refused: the reason, for people.", [](const auto& v) { return refused_only(v, v.reason); }),
    member("retry_after_seconds", "If refused with 409: when to ask again.",
           [](const auto& v) {
             return OnlyWhenGiven<std::uint32_t>{v.retry_after_s > 0 ? std::optional(v.retry_after_s) : std::nullopt};
           }),
    member("challenge", "If refused with 402 or 401: the challenge to send.", [](const auto& v) {
      return OnlyWhenGiven<Described<challenge_object>>{
          v.challenge != nullptr ? std::optional(described<challenge_object>(*v.challenge)) : std::nullopt};
    }));

inline constexpr auto admission_fields = admission_object.fields();

std::string redemption_json(const RedemptionView& view);
std::string admission_json(const AdmissionView& view);

}  // namespace lntpay
