// The release fence: what a node's word means for a withdrawal. Pure; every rule of docs/money.md, "The release fence", is here,
// and tests/models checks the same rules as a model.
//
// Money returns to `available` only where the node can no longer pay: never by a timer, never because an answer is missing.
#pragma once
#include <cstddef>
#include <string_view>

#include "core/withdrawal/withdrawal.hpp"

namespace lntpay {

/// When a poll was, by both clocks.
struct PollTime {
  UnixMillis now;
  UnixMillis node;
};

enum class Action : std::uint8_t {
  wait,        ///< poll again later
  send_again,  ///< the node never heard of it: another send, with a number of its own
  settle,
  release,
  review,  ///< what the node says cannot be: an operator has to look
  adjust,  ///< an operator gave it up, and the node paid all the same
};

struct FenceDecision {
  Action action = Action::wait;
  std::string_view reason{};  ///< release: the fence that holds; review: what cannot be; wait: for what, where that is known
};

/// At most so many sends for one withdrawal; the last ones wait for an end that time brings.
inline constexpr std::size_t sends_max = 4;

/// Whether the invoice has expired by both clocks, with the margin after which no send can start anything any more.
bool is_past_expiry(const Withdrawal& withdrawal, PollTime at);
inline constexpr Millis expiry_margin = minutes(5);

/// Writes down what the answer to send `number` tells, once per send. A send that the node already had a payment for, before we
/// had sent anything else: `review`.
FenceDecision apply_send_answer(Withdrawal& withdrawal, std::size_t number, const SendAnswer& answer);

/// Writes down what the node says of the hash, and judges it. The node is the one that the withdrawal was sent by.
FenceDecision apply_payment_record(Withdrawal& withdrawal, PaymentRecord record, PollTime at);

}  // namespace lntpay
