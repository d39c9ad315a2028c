// Facts first, then the fences in the order of the document.
#include "core/withdrawal/fence.hpp"

#include <algorithm>

#include "core/crypto/sha256.hpp"

namespace lntpay {
namespace {

/// A send that passed the node's check of the expiry has been written, or never will be, by then.
constexpr Millis between_quiet_looks = seconds(60);
/// No answer within this after a send: the next one may follow.
constexpr Millis resend_after = send_timeout * 2;

bool all_are_answered(const Withdrawal& withdrawal) { return !std::ranges::contains(withdrawal.sends, SendState::open); }
bool all_are_refused(const Withdrawal& withdrawal) {
  return std::ranges::all_of(withdrawal.sends, [](SendState send) { return send == SendState::refused; });
}

/// Fence 3: after the expiry by both clocks, two looks a minute apart agree. Remembers the first.
bool second_quiet_look(Withdrawal& withdrawal, PaymentState state, LookTime at) {
  if (!is_quiet(withdrawal, at)) return false;
  const bool agrees = withdrawal.quiet_look_at && withdrawal.quiet_look_state == state;
  if (agrees) return at.now - *withdrawal.quiet_look_at >= between_quiet_looks;
  withdrawal.quiet_look_at = at.now;
  withdrawal.quiet_look_state = state;
  return false;
}

void follow(Withdrawal& withdrawal, const PaymentRecord& record) {
  withdrawal.seen = true;
  withdrawal.known_index = record.index;
  withdrawal.known_failed = record.state == PaymentState::failed;
}

Judgement judge_failed(Withdrawal& withdrawal, LookTime at) {
  const bool once = withdrawal.sends_once;
  if (once && all_are_answered(withdrawal)) return {Move::release, "the node says failed, and every send was answered"};
  if (once && withdrawal.sends.size() == 1) return {Move::release, "the node says failed, and there was one send"};
  if (second_quiet_look(withdrawal, PaymentState::failed, at))
    return {Move::release, "the node says failed after the expiry, twice"};
  return {Move::wait,
          "the node says failed; what was sent may still arrive, so the money is free minutes after the invoice has expired"};
}

Judgement judge_not_found(Withdrawal& withdrawal, LookTime at) {
  if (withdrawal.seen) return {Move::review, "the node forgot a payment that it had"};
  const bool refused = all_are_refused(withdrawal);
  if (withdrawal.sends_once && refused) return {Move::release, "the node refused every send and has no payment"};
  if (second_quiet_look(withdrawal, PaymentState::not_found, at))
    return {Move::release, "the node has no payment after the expiry, twice"};
  const bool waited = withdrawal.last_send_at && at.now >= *withdrawal.last_send_at + resend_after;
  if (!refused && waited && withdrawal.sends.size() < sends_max && at.now < withdrawal.invoice_expires_at)
    return {Move::send_again, {}};
  return {};
}

}  // namespace

bool is_quiet(const Withdrawal& withdrawal, LookTime at) {
  const auto quiet_from = withdrawal.invoice_expires_at + expiry_margin;
  return at.now > quiet_from && at.node > quiet_from;
}

Judgement note_answer(Withdrawal& withdrawal, std::size_t number, const SendResult& answer) {
  auto& send = withdrawal.sends[number];
  if (send != SendState::open) return {};
  switch (answer.outcome) {
    case SendOutcome::refused: send = SendState::refused; break;
    case SendOutcome::finished: send = SendState::finished; break;
    case SendOutcome::already_exists:
      if (number == 0) return {Move::review, "the node had a payment for this invoice already"};
      // An earlier send of ours arrived after all.
      send = SendState::known;
      withdrawal.seen = true;
      break;
    case SendOutcome::unclear: break;
  }
  return {};
}

Judgement judge(Withdrawal& withdrawal, PaymentRecord record, LookTime at) {
  withdrawal.last_checked_at = at.now;
  // What the node had before our first send is nothing of ours.
  if (record.index == withdrawal.base_index) record = {};
  if (record.state == PaymentState::succeeded) {
    if (sha256(record.preimage) != withdrawal.payment_hash) return {Move::review, "the node's preimage is not the invoice's"};
    follow(withdrawal, record);
    return {Move::settle, {}};
  }
  if (record.state == PaymentState::not_found) return judge_not_found(withdrawal, at);
  const bool another = withdrawal.known_index != 0 && record.index != withdrawal.known_index;
  if (another && !withdrawal.known_failed) return {Move::review, "the node lost a payment that had not failed"};
  follow(withdrawal, record);
  if (record.state == PaymentState::failed) return judge_failed(withdrawal, at);
  withdrawal.quiet_look_at.reset();
  return another ? Judgement{Move::wait, "an earlier send arrived after all, and the node has not come to an end yet"}
                 : Judgement{};
}

}  // namespace lntpay
