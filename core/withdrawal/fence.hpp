// The release fence: which action a node's answer allows for a withdrawal. Pure. Implements docs/money.md, "The release fence";
// tests/models/withdrawal.pml checks the same rules.
//
// Money returns to `available` only when the node can no longer pay: never by a timer, never because an answer is missing.
#pragma once
#include <cstddef>
#include <string_view>

#include "core/withdrawal/withdrawal.hpp"

namespace lntpay {

/// The time of a poll by both clocks.
struct PollTime {
  UnixMillis now;
  UnixMillis node;
};

enum class Action : std::uint8_t {
  wait,        ///< poll again later
  send_again,  ///< the node has no record: send again, under the next number
  settle,
  release,
  review,  ///< the node contradicts itself: an operator has to decide
  adjust,  ///< the node paid after an operator resolved it as failed
};

struct FenceDecision {
  Action action = Action::wait;
  std::string_view reason{};  ///< release: the fence; review: the contradiction; wait: the cause, if known
};

/// Sends for one withdrawal. After the last one only the expiry can release it.
inline constexpr std::size_t sends_max = 4;

/// Whether the invoice has expired by both clocks, with a margin: no send can start a payment any more.
bool is_past_expiry(const Withdrawal& withdrawal, PollTime at);
inline constexpr Millis expiry_margin = minutes(5);

/// Records the answer to send `number`, once per send. Decides `review` if the node already had a payment before our first send.
FenceDecision apply_send_answer(Withdrawal& withdrawal, std::size_t number, const SendResult& answer);

/// Records the node's payment record and decides. The caller has checked that it is the node that the withdrawal was sent to.
FenceDecision apply_payment_record(Withdrawal& withdrawal, PaymentRecord record, PollTime at);

}  // namespace lntpay
