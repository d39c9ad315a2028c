// The fence as a table: sends and payment records in, actions out.
#include "core/withdrawal/fence.hpp"

#include <doctest/doctest.h>

#include "core/crypto/sha256.hpp"

namespace lntpay::test::fence_test {
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

PollTime at(Millis after_sending) { return {sent_at + after_sending, sent_at + after_sending, sent_at + after_sending}; }

constexpr PaymentRecord nothing{};
PaymentRecord in_flight(std::uint64_t index = 7) { return {.state = PaymentState::in_flight, .index = index}; }
PaymentRecord failed(std::uint64_t index = 7) { return {.state = PaymentState::failed, .index = index}; }
PaymentRecord paid(Bytes32 proof = preimage) { return {.state = PaymentState::succeeded, .index = 7, .preimage = proof}; }

/// The actions decided by consecutive polls.
std::string actions(Withdrawal withdrawal, const std::vector<std::pair<PaymentRecord, PollTime>>& polls) {
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
  CHECK(actions(sent({known, finished}), {{failed(), at(soon)}}) == "release");
  CHECK(actions(sent({open, finished}), {{failed(), at(soon)}}) == "wait");
  CHECK(actions(sent({refused, refused}), {{failed(), at(soon)}}) == "release");
  auto unanswered = sent({open, finished});
  CHECK(apply_payment_record(unanswered, failed(), at(soon)).reason.contains("after the invoice has expired"));
}

TEST_CASE("fence 2b: failed releases after one send, answered or not") {
  CHECK(actions(sent({open}), {{failed(), at(soon)}}) == "release");
  CHECK(actions(sent({open, open}), {{failed(), at(soon)}}) == "wait");
}

TEST_CASE("fence 2c: no record releases when every send was refused") {
  CHECK(actions(sent({refused}), {{nothing, at(soon)}}) == "release");
  CHECK(actions(sent({refused, open}), {{nothing, at(soon)}}) == "wait");
  CHECK(actions(sent({refused, known}), {{nothing, at(soon)}}) == "wait");
}

TEST_CASE("a transport that may repeat a send has only fence 3") {
  for (const auto& sends : {std::vector{open}, std::vector{finished}, std::vector{refused}}) {
    auto withdrawal = sent(sends);
    withdrawal.sends_once = false;
    const auto record = sends.front() == refused ? nothing : failed();
    CHECK(actions(withdrawal, {{record, at(soon)}}) == "wait");
    CHECK(actions(withdrawal, {{record, at(expired)}, {record, at(minutes(67))}}) == "wait release");
  }
}

TEST_CASE("fence 3: two polls a minute apart, past the expiry by both clocks") {
  const auto twice = sent({open, open});
  for (const auto& record : {nothing, failed()}) {
    CHECK(actions(twice, {{record, at(expired)}, {record, at(minutes(67))}}) == "wait release");
    CHECK(actions(twice, {{record, at(expired)}, {record, at(seconds(66 * 60 + 59))}}) == "wait wait");
    // Polls before the margin do not count.
    CHECK(actions(twice, {{record, at(minutes(65))}, {record, at(minutes(67))}}) == "wait wait");
    const PollTime node_is_behind{sent_at + expired, sent_at + expired, sent_at + hours(1)};
    CHECK(actions(twice, {{record, node_is_behind}, {record, at(minutes(67))}}) == "wait wait");
  }
  // The two polls must agree.
  CHECK(actions(twice, {{nothing, at(expired)}, {failed(), at(minutes(67))}}) == "wait wait");
  CHECK(actions(twice, {{failed(), at(expired)}, {in_flight(8), at(minutes(67))}, {failed(8), at(minutes(68))}}) ==
        "wait wait wait");
}

TEST_CASE("a payment in flight is never released by time") {
  CHECK(actions(sent(), {{in_flight(), at(soon)}, {in_flight(), at(days(7))}, {in_flight(), at(days(365))}}) == "wait wait wait");
  CHECK(actions(sent(), {{in_flight(), at(soon)}, {paid(), at(days(7))}}) == "wait settle");
}

TEST_CASE("NOT_FOUND alone never releases: the payment is resent after a while") {
  CHECK(actions(sent(), {{nothing, at(soon)}, {nothing, at(seconds(149))}, {nothing, at(seconds(150))}}) == "wait wait send");
  // Not after the invoice has expired, and at most four times.
  CHECK(actions(sent(), {{nothing, at(hours(1))}}) == "wait");
  CHECK(actions(sent({open, open, open, open}), {{nothing, at(minutes(30))}}) == "wait");
}

TEST_CASE("a record from before the first send is ignored") {
  auto withdrawal = sent({open});
  withdrawal.base_index = 5;
  CHECK(actions(withdrawal, {{failed(5), at(soon)}}) == "wait");
  CHECK(actions(withdrawal, {{failed(6), at(soon)}}) == "release");
}

TEST_CASE("a record that disappears needs review") {
  CHECK(actions(sent(), {{in_flight(), at(soon)}, {nothing, at(minutes(5))}}) == "wait review");
  CHECK(actions(sent({open, open}), {{in_flight(7), at(soon)}, {failed(8), at(minutes(1))}}) == "wait review");
  // A failed record may be followed by that of the second send.
  CHECK(actions(sent({open, open}), {{failed(7), at(soon)}, {in_flight(8), at(minutes(1))}}) == "wait wait");
}

TEST_CASE("success needs the matching preimage") {
  CHECK(actions(sent(), {{paid(), at(soon)}}) == "settle");
  CHECK(actions(sent(), {{paid(Bytes32{1}), at(soon)}}) == "review");
}

TEST_CASE("a known payment needs review at the only send, not where another send may have made it") {
  auto only = sent({open});
  CHECK(apply_send_answer(only, 0, {.outcome = SendOutcome::already_exists}).action == Action::review);
  // The second send may find the first one's payment, and the first one that of a second that overtook it.
  for (const std::size_t number : {0U, 1U}) {
    auto withdrawal = sent({open, open});
    CHECK(apply_send_answer(withdrawal, number, {.outcome = SendOutcome::already_exists}).action == Action::wait);
    CHECK(withdrawal.sends[number] == known);
    CHECK(withdrawal.seen);
  }
}

TEST_CASE("an answer is recorded once; an unclear one leaves the send open") {
  auto withdrawal = sent({open});
  apply_send_answer(withdrawal, 0, {.outcome = SendOutcome::unclear});
  CHECK(withdrawal.sends[0] == open);
  apply_send_answer(withdrawal, 0, {.outcome = SendOutcome::refused});
  apply_send_answer(withdrawal, 0, {.outcome = SendOutcome::finished});
  CHECK(withdrawal.sends[0] == refused);
}

TEST_CASE("settle and release share a transfer id, so only one can be stored") {
  const auto withdrawal = sent();
  CHECK(settle_transfer(withdrawal, 1_sat).id == release_transfer(withdrawal).id);
  CHECK(settle_transfer(withdrawal, 1_sat).id != lock_transfer(withdrawal).id);
  auto next = withdrawal;
  ++next.attempt;
  CHECK(settle_transfer(next, 1_sat).id != settle_transfer(withdrawal, 1_sat).id);
}

TEST_CASE("an unused fee is returned; a fee above the limit goes to suspense") {
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

}  // namespace lntpay::test::fence_test
