// SendPaymentV2 and TrackPaymentV2 of the lnd model.
#include <algorithm>

#include "core/base/encoding.hpp"
#include "core/crypto/sha256.hpp"
#include "core/lightning/bolt11/decode.hpp"
#include "tests/sim/lnd_model.hpp"
#include "tests/sim/text.hpp"

namespace lntpay::sim {

std::string LndModel::update(const std::string& payment_hash, const Payment& payment) const {
  const bool succeeded = payment.status == "SUCCEEDED";
  const auto preimage = succeeded ? hex(outside_.at(payment_hash).preimage) : std::string(64, '0');
  const auto fee = std::to_string(succeeded ? payment.fee_msat : 0);
  return "{\"result\":{\"payment_hash\":\"" + payment_hash + "\",\"value_msat\":\"" + std::to_string(payment.amount_msat) +
         "\",\"payment_preimage\":\"" + preimage + "\",\"payment_request\":\"" + payment.bolt11 + "\",\"status\":\"" +
         payment.status + "\",\"fee_msat\":\"" + fee + "\",\"htlcs\":[],\"payment_index\":\"" + std::to_string(payment.index) +
         "\",\"failure_reason\":\"" + payment.reason + "\"}}\n";
}

std::string LndModel::payment_of(const Outgoing& request) {
  constexpr std::string_view poll = "/v2/router/track/";
  if (request.target.starts_with(poll)) {
    return hex(base64_decode(Base64::url, std::string_view(request.target).substr(poll.size())).value_or(Bytes{}));
  }
  if (request.target != "/v2/router/send") return {};
  const auto read = bolt11::decode(std::string(member(request.body, "payment_request")));
  return read ? hex(read->payment_hash) : std::string();
}

void LndModel::will_repeat(const Outgoing& request) {
  if (request.target == "/v2/router/send") repeated.insert(payment_of(request));
}

void LndModel::send(const std::string& body, Line line) {
  ++sends_arrived;
  const std::string text(member(body, "payment_request"));
  const auto read = bolt11::decode(text);
  if (!read) return line.end(stream_refusal(500, 2, "checksum failed. Expected x, got y."));
  const auto payment_hash = hex(read->payment_hash);
  scene_.narrate("    the node gets a send for ", payment_hash.substr(0, 8));
  if (now() >= read->expires_at()) return line.end(stream_refusal(500, 2, "invoice expired. Valid until then"));
  if (read->payee == public_key(key_)) return line.end(stream_refusal(500, 2, "self-payments not allowed"));
  const auto stated = member(body, "amt_msat");
  if (read->amount && !stated.empty()) {
    return line.end(stream_refusal(500, 2, "amount must not be specified when paying a non-zero amount invoice"));
  }
  const auto known = payments_.find(payment_hash);
  if (known != payments_.end() && known->second.status != "FAILED") {
    return line.end(
        stream_refusal(409, 6, known->second.status == "SUCCEEDED" ? "invoice is already paid" : "payment is in transition"));
  }
  const auto outside = outside_.find(payment_hash);
  const auto amount = read->amount ? read->amount->value : static_cast<std::uint64_t>(number(stated));
  payments_[payment_hash] = {.index = ++last_index_, .bolt11 = text, .amount_msat = amount, .began_at = now(), .followers = {}};
  auto& payment = payments_.at(payment_hash);
  line.part(answer(200, update(payment_hash, payment)));
  payment.followers.push_back(std::move(line));
  start(payment_hash, outside == outside_.end() ? nullptr : &outside->second, amount,
        static_cast<std::uint64_t>(number(member(body, "fee_limit_msat"))));
}

void LndModel::start(const std::string& payment_hash, const Outside* outside, std::uint64_t amount_msat,
                     std::uint64_t fee_limit_msat) {
  auto& random = scene_.random;
  auto& payment = payments_.at(payment_hash);
  const auto index = payment.index;
  auto fate = outside != nullptr ? outside->fate : Fate::fails;
  if (fate == Fate::fickle) fate = static_cast<Fate>(random.below(4));
  // A fee up to and including the limit; a route that costs more is not used.
  payment.fee_msat = random.one_in(4) ? fee_limit_msat : random.below(std::min(fee_limit_msat, amount_msat) + 1);
  if (scene_.happens(Fault::node_overcharges)) payment.excess_msat = fee_limit_msat - payment.fee_msat + random.from(1, 5'000'000);
  payment.fee_msat += payment.excess_msat;
  const bool too_dear = random.one_in(16) && expensive_routes;
  // A payee accepts the payment of an invoice once.
  const bool succeeds = !too_dear && !paid.contains(payment_hash) && fate != Fate::fails && fate != Fate::slow_to_fail;
  Millis takes = random.span({5}, seconds(2));
  if (fate == Fate::slow || fate == Fate::slow_to_fail)
    takes = random.span(seconds(10), random.one_in(2) ? minutes(1) : minutes(20));
  if (fate == Fate::held) takes = (outside->expires_at + held_beyond_expiry.value_or(random.span(hours(1), days(2)))) - now();
  scene_.agenda.in(takes, [this, payment_hash, index, succeeds] { finish(payment_hash, index, succeeds); });
}

void LndModel::finish(const std::string& payment_hash, std::uint64_t index, bool succeeds) {
  const auto found = payments_.find(payment_hash);
  if (found == payments_.end() || found->second.index != index) return;  // deleted, or resent
  auto& payment = found->second;
  if (succeeds) {
    payment.status = "SUCCEEDED";
    const Paid entry{index, payment.amount_msat, payment.fee_msat, payment.excess_msat};
    paid[payment_hash].push_back(entry);
    scene_.narrate("    the node has paid ", payment_hash.substr(0, 8));
    if (on_paid) on_paid(payment_hash, entry);
  } else {
    payment.status = "FAILED";
    payment.reason = "FAILURE_REASON_NO_ROUTE";
    scene_.narrate("    the node failed to pay ", payment_hash.substr(0, 8));
  }
  auto before = payment;
  before.status = "IN_FLIGHT";
  const auto lines = update(payment_hash, before) + update(payment_hash, payment);
  for (auto& line : std::exchange(payment.followers, {})) line.end(answer(200, lines));
  if (scene_.happens(Fault::node_forgets) && may_forget(payment_hash)) {
    scene_.narrate("    an operator deletes the node's payment of ", payment_hash.substr(0, 8));
    forget_payment(payment_hash);
  }
}

void LndModel::track(const std::string& payment_hash, Line line) {
  const auto found = payments_.find(payment_hash);
  if (found == payments_.end()) return line.end(stream_refusal(404, 5, "payment isn't initiated"));
  line.end(answer(200, update(payment_hash, found->second)));
}

void LndModel::restart(Millis down, Millis starting) {
  scene_.narrate("    the node restarts");
  down_until_ = scene_.agenda.now() + down;
  starting_until_ = down_until_ + starting;
  for (auto& [hash, payment] : payments_) {
    for (auto& line : std::exchange(payment.followers, {})) line.cut();
  }
  if (const auto follower = std::exchange(follower_, {})) follower->end();
}

std::string LndModel::status_of(const std::string& payment_hash) const {
  const auto found = payments_.find(payment_hash);
  return found == payments_.end() ? "NOT_FOUND" : found->second.status;
}

}  // namespace lntpay::sim
