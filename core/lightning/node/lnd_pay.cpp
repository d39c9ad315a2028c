// Payments through lnd. Anything but a final update or a definite refusal is unclear: the money stays locked and the hash is
// tracked.
#include <algorithm>

#include "core/base/encoding.hpp"
#include "core/base/json.hpp"
#include "core/lightning/node/lnd.hpp"

namespace lntpay {
namespace {

const Response* response_of(const Reply& reply) {
  if (const auto* answered = std::get_if<Answered>(&reply)) return &answered->response;
  if (const auto* broken = std::get_if<Broken>(&reply)) return &broken->response;
  return nullptr;
}

std::string why_unclear(const Reply& reply) {
  if (const auto* broken = std::get_if<Broken>(&reply)) return "the response was truncated: " + broken->reason;
  if (const auto* none = std::get_if<NoAnswer>(&reply)) return "no response: " + none->reason;
  if (const auto* not_sent = std::get_if<NotSent>(&reply)) return "the request was not sent: " + not_sent->reason;
  return "the response ended without a final update";
}

/// The next line. A truncated last line is not JSON and is skipped as such.
std::string_view cut_line(std::string_view& body) {
  const auto line = body.substr(0, body.find('\n'));
  body.remove_prefix(std::min(line.size() + 1, body.size()));
  return line;
}

/// For an error as the whole response: nothing was started unless its text is unknown.
void apply_refusal(SendResult& answer, std::uint16_t status, const lnd::Refusal& refusal) {
  constexpr std::uint16_t conflict = 409;
  constexpr std::uint64_t already_exists = 6;
  if (status == conflict && refusal.code == already_exists) {
    answer = {.outcome = SendOutcome::already_exists, .seen = {}, .reason = {}};
  } else if (const auto reason = lnd::definite_reason(refusal)) {
    answer = {.outcome = SendOutcome::refused, .seen = {}, .reason = std::string(*reason)};
  }
}

SendResult send_result(const Reply& reply, const Bytes32& payment_hash) {
  if (const auto* not_sent = std::get_if<NotSent>(&reply)) {
    return {.outcome = SendOutcome::refused, .seen = {}, .reason = "the request was not sent: " + not_sent->reason};
  }
  SendResult answer{.outcome = SendOutcome::unclear, .seen = {}, .reason = why_unclear(reply)};
  const auto* response = response_of(reply);
  if (response == nullptr) return answer;

  bool ends_with_update = false;
  std::optional<lnd::Refusal> refusal;
  std::size_t lines = 0;
  for (std::string_view rest = response->body; !rest.empty(); ++lines) {
    const auto message = lnd::read_message(cut_line(rest));
    const auto update = message ? lnd::payment_in(*message, payment_hash) : std::nullopt;
    refusal = message && !update ? lnd::refusal_in(*message) : std::nullopt;
    ends_with_update = update.has_value();
    // A proven success is final.
    const bool succeeded = answer.seen && answer.seen->state == PaymentState::succeeded;
    if (update && !succeeded) answer.seen = update;
  }
  if (refusal) answer.reason = "the node returned: " + refusal->message;
  if (!std::holds_alternative<Answered>(reply)) return answer;
  if (ends_with_update && response->status == 200 && answer.seen->state != PaymentState::in_flight) {
    answer.outcome = SendOutcome::finished;
    answer.reason.clear();
  } else if (refusal && lines == 1 && response->status != 200) {
    apply_refusal(answer, response->status, *refusal);
  }
  return answer;
}

Result<PaymentLookup> lookup_from(const Reply& reply, const Bytes32& payment_hash) {
  constexpr std::uint64_t not_found = 5;
  const auto* response = response_of(reply);
  if (response == nullptr) return fail(ErrorCode::node_unavailable, why_unclear(reply));
  std::string_view body = response->body;
  const auto message = lnd::read_message(cut_line(body));
  if (!message) return fail(ErrorCode::node_unavailable, "the response is not lnd's");
  const auto record = lnd::payment_in(*message, payment_hash);
  if (record && response->status == 200) return PaymentLookup{*record, lnd::node_time(*response)};
  const auto refusal = lnd::refusal_in(*message);
  if (!refusal) return fail(ErrorCode::node_unavailable, "the response is not lnd's");
  const bool not_found_at_lnd = std::holds_alternative<Answered>(reply) && response->status == 404 && refusal->code == not_found &&
                                refusal->message == "payment isn't initiated";
  if (!not_found_at_lnd) return fail(ErrorCode::node_unavailable, "the node returned: " + refusal->message);
  return PaymentLookup{.record = {}, .node_time = lnd::node_time(*response)};
}

}  // namespace

Task<Result<PublicKey>> LndNode::identity() { return identity_at(lnd::pay); }

Task<Result<PublicKey>> LndNode::identity_at(std::string_view upstream) {
  const auto answer = co_await call(lnd::request_for(upstream, "/v1/getinfo"));
  if (answer.refusal) co_return lnd::unavailable(*answer.refusal);
  PublicKey key;
  const auto bytes = hex_decode(lnd::text_in(answer.object, "identity_pubkey"));
  if (!bytes || bytes->size() != key.bytes.size()) co_return fail(ErrorCode::node_unavailable);
  std::ranges::copy(*bytes, key.bytes.begin());
  if (!is_valid(key)) co_return fail(ErrorCode::node_unavailable);
  co_return key;
}

Task<SendResult> LndNode::send_payment(PaymentOrder order) {
  JsonObject body;
  body.add("payment_request", order.bolt11);
  if (!order.amount_stated) body.add("amt_msat", std::to_string(order.amount.value));
  // Always sent, also 0: a route without fees.
  body.add("fee_limit_msat", std::to_string(order.fee_limit.value)).add("timeout_seconds", send_attempts_for.value / 1'000);
  auto request = lnd::request_for(lnd::pay, "/v2/router/send", body.text());
  request.timeout_ms = static_cast<std::uint32_t>(send_timeout.value);
  request.once = true;
  const auto reply = co_await fetch(std::move(request));
  co_return send_result(reply, order.payment_hash);
}

Task<Result<PaymentLookup>> LndNode::look_up_payment(Bytes32 payment_hash) {
  // With updates in flight: otherwise lnd sends no response head before the payment is final.
  auto request = lnd::request_for(lnd::pay, "/v2/router/track/" + base64(Base64::url, payment_hash));
  request.lines = 1;
  const auto reply = co_await fetch(std::move(request));
  co_return lookup_from(reply, payment_hash);
}

Task<Result<std::optional<Msat>>> LndNode::route_fee(bolt11::Invoice, Msat) { co_return std::nullopt; }

}  // namespace lntpay
