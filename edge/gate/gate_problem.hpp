// The problem object (RFC 9457) of a refused request: its fields and how they are read.
#pragma once
#include "core/base/object.hpp"
#include "edge/gate/gate_answer.hpp"

namespace lntpay {

struct ProblemView {
  const Refused& refused;
  std::string_view request_id{};
  const Charge* charge = nullptr;  ///< of the challenge that comes with it; null: none

  [[nodiscard]] bool being_served() const { return refused.why.code == ErrorCode::redemption_in_progress; }
  [[nodiscard]] bool must_pay() const { return !being_served() && refused.presented != Presented::failing; }
};

/// Types of draft-httpauth-payment-00.
constexpr std::string_view problem_type(const ProblemView& view) {
  if (view.being_served()) return "about:blank";
  return view.must_pay() ? "https://paymentauth.org/problems/payment-required"
                         : "https://paymentauth.org/problems/verification-failed";
}
constexpr std::string_view problem_title(const ProblemView& view) {
  if (view.being_served()) return "Being Served";
  return view.must_pay() ? "Payment Required" : "Payment Not Accepted";
}
inline std::string_view problem_detail(const Refused& refused) {
  return refused.why.message.empty() ? info(refused.why.code).sentence : std::string_view(refused.why.message);
}
/// A member that is there only with a challenge.
template <class Read>
constexpr auto with_challenge(const ProblemView& view, Read read) {
  using Value = std::invoke_result_t<Read, const Charge&>;
  return OnlyWhenGiven<Value>{view.charge != nullptr ? std::optional(read(*view.charge)) : std::nullopt};
}

inline constexpr auto problem_object = object_of<ProblemView>(
    member("type", "A URL that identifies the kind of problem.", [](const auto& v) { return problem_type(v); }),
    member("title", "The kind of problem in words.", [](const auto& v) { return problem_title(v); }),
    member("status", "402, 401 or 409", [](const auto& v) { return status_of(v.refused); }),
    member("detail", "What happened and what to do.", [](const auto& v) { return problem_detail(v.refused); }),
    member("code", "payment_required, unauthenticated or redemption_in_progress.",
           [](const auto& v) { return v.must_pay() ? "payment_required" : info(v.refused.why.code).name; }),
    member("request_id", "Of this response; in the header Request-Id as well.", [](const auto& v) { return v.request_id; }),
    member("price_sats", "With a challenge: the price.",
           [](const auto& v) { return with_challenge(v, [](const Charge& charge) { return sats_up(least_of(charge)); }); }),
    member("invoice", "With a challenge: the invoice to pay.",
           [](const auto& v) { return with_challenge(v, [](const Charge& charge) { return std::string_view(charge.bolt11); }); }),
    member("payment_hash", "With a challenge: the payment hash of the invoice.",
           [](const auto& v) { return with_challenge(v, [](const Charge& charge) { return charge.payment_hash; }); }),
    member("expires_at", "With a challenge: when the invoice expires.",
           [](const auto& v) { return with_challenge(v, [](const Charge& charge) { return charge.expires_at; }); }));

inline constexpr auto problem_fields = problem_object.fields();

}  // namespace lntpay
