// Facts, then the fences in the order of docs/money.md.
#include "core/withdrawal/fence.hpp"

#include <algorithm>

#include "core/crypto/sha256.hpp"

namespace lntpay {
namespace {

/// Long enough for a send that passed the node's expiry check to have a record.
constexpr Millis between_expired_polls = seconds(60);
/// Without a record this long after a send, the next one may follow.
constexpr Millis resend_after = send_timeout * 2;

bool all_are_answered(const Withdrawal& withdrawal) { return !std::ranges::contains(withdrawal.sends, SendState::open); }
bool all_are_refused(const Withdrawal& withdrawal) {
  return std::ranges::all_of(withdrawal.sends, [](SendState send) { return send == SendState::refused; });
}

/// Fence 3: two polls agree, a minute apart and after the expiry by both clocks. Stores the first.
bool confirmed_after_expiry(Withdrawal& withdrawal, PaymentState state, PollTime at) {
  if (!is_past_expiry(withdrawal, at)) return false;
  const bool agrees = withdrawal.expired_poll_at && withdrawal.expired_poll_state == state;
  if (agrees) return at.begun - *withdrawal.expired_poll_at >= between_expired_polls;
  withdrawal.expired_poll_at = at.now;
  withdrawal.expired_poll_state = state;
  return false;
}

void follow_record(Withdrawal& withdrawal, const PaymentRecord& record) {
  withdrawal.seen = true;
  withdrawal.followed_index = record.index;
  withdrawal.followed_failed = record.state == PaymentState::failed;
}

FenceDecision decide_failed(Withdrawal& withdrawal, PollTime at) {
  const bool once = withdrawal.sends_once;
  if (once && all_are_answered(withdrawal)) return {Action::release, "the node reported a failure, and every send was answered"};
  if (once && withdrawal.sends.size() == 1) return {Action::release, "the node reported a failure of the only send"};
  if (confirmed_after_expiry(withdrawal, PaymentState::failed, at))
    return {Action::release, "the node reported a failure in two polls after the expiry"};
  return {Action::wait,
          "the node reported a failure, but another send may still arrive; the money is released minutes after the invoice has "
          "expired"};
}

FenceDecision decide_not_found(Withdrawal& withdrawal, PollTime at) {
  if (withdrawal.seen) return {Action::review, "the node has no record of a payment that it had"};
  const bool refused = all_are_refused(withdrawal);
  if (withdrawal.sends_once && refused) return {Action::release, "the node rejected every send and has no payment"};
  if (confirmed_after_expiry(withdrawal, PaymentState::not_found, at))
    return {Action::release, "the node had no payment in two polls after the expiry"};
  const bool waited = withdrawal.last_send_at && at.now >= *withdrawal.last_send_at + resend_after;
  if (!refused && waited && withdrawal.sends.size() < sends_max && at.now < withdrawal.invoice_expires_at)
    return {Action::send_again, {}};
  return {};
}

}  // namespace

bool is_past_expiry(const Withdrawal& withdrawal, PollTime at) {
  const auto final_from = withdrawal.invoice_expires_at + expiry_margin;
  return at.begun > final_from && at.node > final_from;
}

Evidence evidence_of(const Withdrawal& withdrawal) {
  return {withdrawal.sends, withdrawal.seen, withdrawal.followed_index, withdrawal.followed_failed};
}

FenceDecision apply_send_answer(Withdrawal& withdrawal, std::size_t number, const SendResult& answer) {
  auto& send = withdrawal.sends[number];
  if (send != SendState::open) return {};
  switch (answer.outcome) {
    case SendOutcome::refused: send = SendState::refused; break;
    case SendOutcome::finished: send = SendState::finished; break;
    case SendOutcome::already_exists:
      if (withdrawal.sends.size() == 1) return {Action::review, "the node already had a payment for this invoice"};
      // Another of our sends has arrived: an earlier one, or a later one that overtook this one.
      send = SendState::known;
      withdrawal.seen = true;
      break;
    case SendOutcome::unclear: break;
  }
  return {};
}

FenceDecision apply_payment_record(Withdrawal& withdrawal, PaymentRecord record, PollTime at) {
  withdrawal.last_checked_at = at.now;
  // A record from before our first send is not ours.
  if (record.index == withdrawal.base_index) record = {};
  if (record.state == PaymentState::succeeded) {
    if (sha256(record.preimage) != withdrawal.payment_hash)
      return {Action::review, "the node's preimage does not match the invoice"};
    follow_record(withdrawal, record);
    return {Action::settle, {}};
  }
  if (record.state == PaymentState::not_found) return decide_not_found(withdrawal, at);
  const bool another = withdrawal.followed_index != 0 && record.index != withdrawal.followed_index;
  if (another && !withdrawal.followed_failed) return {Action::review, "the node replaced a payment that had not failed"};
  follow_record(withdrawal, record);
  if (record.state == PaymentState::failed) return decide_failed(withdrawal, at);
  withdrawal.expired_poll_at.reset();
  return another ? FenceDecision{Action::wait, "an earlier send arrived late; the payment is in progress"} : FenceDecision{};
}

}  // namespace lntpay
