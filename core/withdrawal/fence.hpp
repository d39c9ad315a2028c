// The release fence: which action a node's answer allows for a withdrawal. Pure. Implements docs/money.md, "The release fence";
// tests/models/withdrawal.pml checks the same rules.
//
// Money returns to `available` only when the node can no longer pay: never by a timer, never because an answer is missing.
#pragma once
#include <cstddef>
#include <string_view>
#include <vector>

#include "core/withdrawal/withdrawal.hpp"

namespace lntpay {

/// The time of a poll: our clock when it began and when its answer arrived, and the node's clock in between.
struct PollTime {
  UnixMillis begun;
  UnixMillis now;
  UnixMillis node;
};

/// What was known of the node when a poll began. An answer that arrives after this has changed was overtaken by another poll or
/// send: nothing is released or sent to review on it.
struct Evidence {
  std::vector<SendState> sends;
  bool seen = false;
  std::uint64_t followed_index = 0;
  bool followed_failed = false;
  bool operator==(const Evidence&) const = default;
};
Evidence evidence_of(const Withdrawal& withdrawal);

enum class Action : std::uint8_t {
  wait,        ///< poll again later
  send_again,  ///< the node has no record: resend, under the next number
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

/// Records the answer to send `number`, once per send. Decides `review` if the node already had a payment at our only send.
FenceDecision apply_send_answer(Withdrawal& withdrawal, std::size_t number, const SendResult& answer);

/// Records the node's payment record and decides. The caller has checked that it is the node that the withdrawal was sent to.
FenceDecision apply_payment_record(Withdrawal& withdrawal, PaymentRecord record, PollTime at);

}  // namespace lntpay
