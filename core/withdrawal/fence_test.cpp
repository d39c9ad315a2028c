// The fence as a table: what is known of the sends, what the node says, what follows.
#include "core/withdrawal/fence.hpp"

#include <doctest/doctest.h>

#include "core/crypto/sha256.hpp"

namespace lntpay::test {
namespace {

constexpr UnixMillis sent_at{1'800'000'000'000};
constexpr UnixMillis expires_at = sent_at + hours(1);
constexpr Bytes32 preimage{42};

Withdrawal sent(std::vector<SendState> sends = {SendState::open}) {
  return {
      .status = WithdrawalStatus::dispatched,
      .payment_hash = sha256(preimage),
      .reserved = {6'000_sat, 60_sat},
      .invoice_expires_at = expires_at,
      .dispatched_at = sent_at,
      .sends = std::move(sends),
      .last_send_at = sent_at,
  };
}

PollTime at(Millis after_sending) { return {sent_at + after_sending, sent_at + after_sending}; }

constexpr PaymentRecord nothing{};
PaymentRecord in_flight(std::uint64_t index = 7) { return {.state = PaymentState::in_flight, .index = index}; }
PaymentRecord failed(std::uint64_t index = 7) { return {.state = PaymentState::failed, .index = index}; }
PaymentRecord paid(Bytes32 proof = preimage) { return {.state = PaymentState::succeeded, .index = 7, .preimage = proof}; }

/// The moves that follow_record from polls one after the other.
std::string moves(Withdrawal withdrawal, const std::vector<std::pair<PaymentRecord, PollTime>>& polls) {
  constexpr std::string_view names[] = {"wait", "send", "settle", "release", "review"};
  std::string text;
  for (const auto& [record, time] : polls) {
    text.append(text.empty() ? "" : " ")
        .append(names[static_cast<std::size_t>(apply_payment_record(withdrawal, record, time).action)]);
  }
  return text;
}

constexpr auto open = SendState::open;
constexpr auto refused = SendState::refused;
constexpr auto known = SendState::known;
constexpr auto finished = SendState::finished;
constexpr Millis soon = seconds(1);
constexpr Millis expired = minutes(66);

}  // namespace

TEST_CASE("fence 2: failed releases when every send was answered") {
  CHECK(moves(sent({known, finished}), {{failed(), at(soon)}}) == "release");
  CHECK(moves(sent({open, finished}), {{failed(), at(soon)}}) == "wait");
  CHECK(moves(sent({refused, refused}), {{failed(), at(soon)}}) == "release");
  auto unanswered = sent({open, finished});
  CHECK(apply_payment_record(unanswered, failed(), at(soon)).reason.contains("after the invoice has expired"));
}

TEST_CASE("fence 2b: failed releases when there was one send, answered or not") {
  CHECK(moves(sent({open}), {{failed(), at(soon)}}) == "release");
  CHECK(moves(sent({open, open}), {{failed(), at(soon)}}) == "wait");
}

TEST_CASE("fence 2c: no payment releases when every send was refused, and nothing was ever seen") {
  CHECK(moves(sent({refused}), {{nothing, at(soon)}}) == "release");
  CHECK(moves(sent({refused, open}), {{nothing, at(soon)}}) == "wait");
  CHECK(moves(sent({refused, known}), {{nothing, at(soon)}}) == "wait");
}

TEST_CASE("a host whose transport may repeat a send has only fence 3") {
  for (const auto& sends : {std::vector{open}, std::vector{finished}, std::vector{refused}}) {
    auto withdrawal = sent(sends);
    withdrawal.sends_once = false;
    const auto record = sends.front() == refused ? nothing : failed();
    CHECK(moves(withdrawal, {{record, at(soon)}}) == "wait");
    CHECK(moves(withdrawal, {{record, at(expired)}, {record, at(minutes(67))}}) == "wait release");
  }
}

TEST_CASE("fence 3: two polls a minute apart, after the expiry with its margin, by both clocks") {
  const auto twice = sent({open, open});
  for (const auto& record : {nothing, failed()}) {
    CHECK(moves(twice, {{record, at(expired)}, {record, at(minutes(67))}}) == "wait release");
    CHECK(moves(twice, {{record, at(expired)}, {record, at(seconds(66 * 60 + 59))}}) == "wait wait");
    // Before the margin nothing counts as the first poll.
    CHECK(moves(twice, {{record, at(minutes(65))}, {record, at(minutes(67))}}) == "wait wait");
    const PollTime node_is_behind{sent_at + expired, sent_at + hours(1)};
    CHECK(moves(twice, {{record, node_is_behind}, {record, at(minutes(67))}}) == "wait wait");
  }
  // The two polls must agree.
  CHECK(moves(twice, {{nothing, at(expired)}, {failed(), at(minutes(67))}}) == "wait wait");
  CHECK(moves(twice, {{failed(), at(expired)}, {in_flight(8), at(minutes(67))}, {failed(8), at(minutes(68))}}) == "wait wait wait");
}

TEST_CASE("no time that passes releases a payment that is in flight") {
  CHECK(moves(sent(), {{in_flight(), at(soon)}, {in_flight(), at(days(7))}, {in_flight(), at(days(365))}}) == "wait wait wait");
  CHECK(moves(sent(), {{in_flight(), at(soon)}, {paid(), at(days(7))}}) == "wait settle");
}

TEST_CASE("NOT_FOUND alone never releases: it sends again when nothing was heard for long, with a number of its own") {
  CHECK(moves(sent(), {{nothing, at(soon)}, {nothing, at(seconds(149))}, {nothing, at(seconds(150))}}) == "wait wait send");
  // Not once the invoice has expired, and not for ever.
  CHECK(moves(sent(), {{nothing, at(hours(1))}}) == "wait");
  CHECK(moves(sent({open, open, open, open}), {{nothing, at(minutes(30))}}) == "wait");
}

TEST_CASE("a record that the hash had before counts as none") {
  auto withdrawal = sent({open});
  withdrawal.base_index = 5;
  CHECK(moves(withdrawal, {{failed(5), at(soon)}}) == "wait");
  CHECK(moves(withdrawal, {{failed(6), at(soon)}}) == "release");
}

TEST_CASE("records that vanish mean that somebody deletes payments there: an operator has to look") {
  CHECK(moves(sent(), {{in_flight(), at(soon)}, {nothing, at(minutes(5))}}) == "wait review");
  CHECK(moves(sent({open, open}), {{in_flight(7), at(soon)}, {failed(8), at(minutes(1))}}) == "wait review");
  // A record that had failed may be followed by another: the second send arrived.
  CHECK(moves(sent({open, open}), {{failed(7), at(soon)}, {in_flight(8), at(minutes(1))}}) == "wait wait");
}

TEST_CASE("success is what the preimage proves") {
  CHECK(moves(sent(), {{paid(), at(soon)}}) == "settle");
  CHECK(moves(sent(), {{paid(Bytes32{1}), at(soon)}}) == "review");
}

TEST_CASE("a send that the node knows already: the first one is somebody else's, a later one means that an earlier one arrived") {
  auto first = sent({open});
  CHECK(apply_send_answer(first, 0, {.end = SendEnd::known}).action == Action::review);
  auto second = sent({open, open});
  CHECK(apply_send_answer(second, 1, {.end = SendEnd::known}).action == Action::wait);
  CHECK(second.sends[1] == known);
  CHECK(second.seen);
}

TEST_CASE("an answer is written down once, and one that is unclear leaves the send open") {
  auto withdrawal = sent({open});
  apply_send_answer(withdrawal, 0, {.end = SendEnd::unclear});
  CHECK(withdrawal.sends[0] == open);
  apply_send_answer(withdrawal, 0, {.end = SendEnd::refused});
  apply_send_answer(withdrawal, 0, {.end = SendEnd::finished});
  CHECK(withdrawal.sends[0] == refused);
}

TEST_CASE("settle and release share an id, so that both can never be stored") {
  const auto withdrawal = sent();
  CHECK(settle_transfer(withdrawal, 1_sat).id == release_transfer(withdrawal).id);
  CHECK(settle_transfer(withdrawal, 1_sat).id != lock_transfer(withdrawal).id);
  auto next = withdrawal;
  ++next.attempt;
  CHECK(settle_transfer(next, 1_sat).id != settle_transfer(withdrawal, 1_sat).id);
}

TEST_CASE("a fee within the limit gives back the rest; one above it leaves the excess in suspense") {
  const auto within = settle_transfer(sent(), 10_sat);
  CHECK(within.locked_msat == -6'060'000);
  CHECK(within.available_msat == 50'000);
  CHECK(within.suspense_msat == 0);
  const auto exact = settle_transfer(sent(), 60_sat);
  CHECK(exact.available_msat == 0);
  CHECK(exact.suspense_msat == 0);
  const auto above = settle_transfer(sent(), 61_sat);
  CHECK(above.available_msat == 0);
  CHECK(above.suspense_msat == -1'000);
}

}  // namespace lntpay::test
