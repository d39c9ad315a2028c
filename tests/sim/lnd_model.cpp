// The REST gateway of the lnd model: calls, errors, invoices.
#include "tests/sim/lnd_model.hpp"

#include <algorithm>
#include <ctime>

#include "core/base/encoding.hpp"
#include "core/crypto/sha256.hpp"
#include "core/lightning/bolt11/encode.hpp"
#include "tests/sim/text.hpp"

namespace lntpay::sim {
namespace {

SecretKey key_of(std::string_view name) { return std::move(*SecretKey::from(sha256(bytes_of(name)))); }

std::string date_of(UnixMillis at) {
  const auto seconds = static_cast<std::time_t>(at.value / 1'000);
  std::tm fields{};
  gmtime_r(&seconds, &fields);
  std::array<char, 40> text{};
  std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &fields);
  return text.data();
}

std::string hex_of_base64(Base64 form, std::string_view text) { return hex(base64_decode(form, text).value_or(Bytes{})); }

bolt11::Invoice regtest_invoice(std::uint64_t now_s, const Bytes32& preimage, std::optional<std::uint64_t> amount_msat,
                                std::uint64_t expiry_s, std::string description) {
  return {
      .network = bolt11::Network::regtest,
      .amount = amount_msat ? std::optional(Msat{*amount_msat}) : std::nullopt,
      .timestamp_s = now_s,
      .payment_hash = sha256(preimage),
      .payment_secret = sha256(sha256(preimage)),
      .description = std::move(description),
      .expiry_s = expiry_s,
      .min_final_cltv = 80,
      .features = {8, 14, 17},
  };
}

}  // namespace

LndModel::LndModel(Scene& scene)
    : scene_(scene), key_(key_of("the simulator's lnd")), outside_key_(key_of("the simulator's outside")) {}

Response LndModel::answer(std::uint16_t status, std::string body) const {
  Response response{status, {{"content-type", "application/json"}}, std::move(body)};
  if (sends_date) response.headers.push_back({"date", date_of(now())});
  return response;
}

Response LndModel::refusal(std::uint16_t status, int code, std::string_view message) const {
  return answer(status, "{\"code\":" + std::to_string(code) + ", \"message\":\"" + std::string(message) + "\", \"details\":[]}");
}

Response LndModel::stream_refusal(std::uint16_t status, int code, std::string_view message) const {
  return answer(
      status, "{\"error\":{\"code\":" + std::to_string(code) + ",\"message\":\"" + std::string(message) + "\",\"details\":[]}}\n");
}

void LndModel::arrive(const Outgoing& request, Line line) {
  const auto& target = request.target;
  if (scene_.agenda.now() < starting_until_) {
    static constexpr std::string_view texts[] = {
        "waiting to start, RPC services not available", "wallet locked, unlock it to enable full RPC access",
        "the RPC server is in the process of starting up, but not yet ready to accept calls"};
    const auto text = scene_.random.pick(texts);
    return line.end(target.starts_with("/v2/router") ? stream_refusal(500, 2, text) : refusal(500, 2, text));
  }
  constexpr std::string_view invoice = "/v1/invoice/";
  constexpr std::string_view follow = "/v2/router/track/";
  const bool pays = request.upstream == "lnd-pay";
  if (target == "/v1/getinfo") {
    return line.end(answer(200, "{\"version\":\"0.21.2-beta\", \"identity_pubkey\":\"" + hex(public_key(key_).bytes) +
                                    "\", \"synced_to_chain\":true}"));
  }
  if (pays && target == "/v2/router/send") return send(request.body, std::move(line));
  if (pays && target.starts_with(follow)) {
    return track(hex_of_base64(Base64::url, std::string_view(target).substr(follow.size())), std::move(line));
  }
  if (!pays && target == "/v1/invoices") return line.end(add_invoice(request.body));
  if (!pays && target == "/v2/invoices/cancel") return line.end(cancel(request.body));
  if (!pays && target.starts_with(invoice)) return line.end(lookup(target.substr(invoice.size())));
  line.end(refusal(404, 5, "Not Found"));
}

Response LndModel::add_invoice(const std::string& body) {
  Bytes32 preimage{};
  const auto given = base64_decode(Base64::standard, member(body, "r_preimage")).value_or(Bytes{});
  if (given.size() != preimage.size()) return refusal(500, 2, "payment preimage must be exactly 32 bytes");
  std::ranges::copy(given, preimage.begin());
  const auto payment_hash = hex(sha256(preimage));
  if (invoices_.contains(payment_hash)) return refusal(500, 2, "invoice with payment hash already exists");
  Invoice invoice{
      .preimage = preimage,
      .bolt11 = {},
      .amount_msat = static_cast<std::uint64_t>(number(member(body, "value_msat"))),
      .created_s = now_s(),
      .expiry_s = static_cast<std::uint64_t>(number(member(body, "expiry"))),
  };
  const auto amount = invoice.amount_msat != 0 ? std::optional(invoice.amount_msat) : std::nullopt;
  auto written = regtest_invoice(invoice.created_s, preimage, amount, invoice.expiry_s, std::string(member(body, "memo")));
  invoice.bolt11 = *bolt11::encode(written, key_);
  const auto& kept = invoices_.emplace(payment_hash, std::move(invoice)).first->second;
  notify_follower(kept);
  return answer(200, "{\"r_hash\":\"" + base64(Base64::standard, written.payment_hash) + "\", \"payment_request\":\"" +
                         kept.bolt11 + "\", \"add_index\":\"" + std::to_string(invoices_.size()) + "\"}");
}

void LndModel::expire(Invoice& invoice) const {
  if (invoice.state == "OPEN" && now_s() >= invoice.created_s + invoice.expiry_s) invoice.state = "CANCELED";
}

std::string LndModel::invoice_json(const Invoice& invoice) {
  return "{\"memo\":\"\", \"r_preimage\":\"" + base64(Base64::standard, invoice.preimage) + "\", \"r_hash\":\"" +
         base64(Base64::standard, sha256(invoice.preimage)) + "\", \"value_msat\":\"" + std::to_string(invoice.amount_msat) +
         "\", \"creation_date\":\"" + std::to_string(invoice.created_s) + "\", \"settle_date\":\"" +
         std::to_string(invoice.settled_s) + "\", \"payment_request\":\"" + invoice.bolt11 + "\", \"expiry\":\"" +
         std::to_string(invoice.expiry_s) + "\", \"settle_index\":\"" + std::to_string(invoice.settle_index) +
         "\", \"amt_paid_msat\":\"" + std::to_string(invoice.paid_msat) + "\", \"state\":\"" + invoice.state + "\", \"htlcs\":[]}";
}

void LndModel::notify_follower(const Invoice& invoice) const {
  if (follower_) follower_->line("{\"result\":" + invoice_json(invoice) + "}");
}

bool LndModel::subscribe(std::uint64_t settle_index, Follower follower) {
  if (!listens() || scene_.agenda.now() < starting_until_) return false;
  follower_ = std::move(follower);
  if (settle_index == 0) return true;
  for (auto i = settle_index; i < settled_.size(); ++i) notify_follower(invoices_.at(settled_[i]));
  return true;
}

void LndModel::settle(const std::string& payment_hash, std::uint64_t amount_msat) {
  auto& invoice = invoices_.at(payment_hash);
  settled_.push_back(payment_hash);
  invoice.state = "SETTLED";
  invoice.paid_msat = amount_msat;
  invoice.settled_s = now_s();
  invoice.settle_index = settled_.size();
  received[payment_hash] += amount_msat;
  notify_follower(invoice);
}

Response LndModel::lookup(const std::string& payment_hash) {
  const auto found = invoices_.find(payment_hash);
  const auto hidden = hidden_.find(payment_hash);
  const bool is_hidden = hidden != hidden_.end() && scene_.agenda.now() < hidden->second;
  if (found == invoices_.end() || is_hidden) return refusal(404, 5, "unable to locate invoice");
  auto& invoice = found->second;
  expire(invoice);
  return answer(200, invoice_json(invoice));
}

Response LndModel::cancel(const std::string& body) {
  const auto found = invoices_.find(hex_of_base64(Base64::standard, member(body, "payment_hash")));
  if (found == invoices_.end()) return refusal(500, 2, "unable to locate invoice");
  if (found->second.state == "SETTLED") return refusal(500, 2, "invoice already settled");
  found->second.state = "CANCELED";
  return answer(200, "{}");
}

bool LndModel::pay(const std::string& payment_hash, std::uint64_t amount_msat) {
  const auto found = invoices_.find(payment_hash);
  if (found == invoices_.end() || !listens()) return false;
  auto& invoice = found->second;
  expire(invoice);
  if (invoice.state != "OPEN" || amount_msat < invoice.amount_msat) return false;
  settle(payment_hash, amount_msat);
  return true;
}

bool LndModel::hold(const std::string& payment_hash, std::uint64_t amount_msat, Millis span, bool settles) {
  const auto found = invoices_.find(payment_hash);
  if (found == invoices_.end() || !listens()) return false;
  expire(found->second);
  if (found->second.state != "OPEN" || amount_msat < found->second.amount_msat) return false;
  found->second.state = "ACCEPTED";
  scene_.marks.reach("node: a payment was held (ACCEPTED)");
  scene_.agenda.in(span, [this, payment_hash, amount_msat, settles] {
    const auto held = invoices_.find(payment_hash);
    if (held == invoices_.end() || held->second.state != "ACCEPTED") return;  // canceled meanwhile
    if (settles) return settle(payment_hash, amount_msat);
    held->second.state = "CANCELED";
  });
  return true;
}

std::string LndModel::state_of_invoice(const std::string& payment_hash) {
  const auto found = invoices_.find(payment_hash);
  if (found == invoices_.end()) return {};
  expire(found->second);
  return found->second.state;
}

std::string LndModel::bolt11_of(const std::string& payment_hash) const {
  const auto found = invoices_.find(payment_hash);
  return found == invoices_.end() ? std::string{} : found->second.bolt11;
}

void LndModel::collect_canceled_invoices() {
  std::erase_if(invoices_, [this](auto& each) {
    expire(each.second);
    return each.second.state == "CANCELED" && is_challenge(each.first);
  });
}

void LndModel::hide_invoice(const std::string& payment_hash, Millis span) {
  if (!invoices_.contains(payment_hash)) return;
  const bool first = hidden_.emplace(payment_hash, scene_.agenda.now() + span).second;
  if (first)
    scene_.narrate("    the node does not find ", payment_hash.substr(0, 8), " for ", std::to_string(span.value / 60'000), " min");
}

void LndModel::show_hidden_invoices() {
  for (auto& [payment_hash, until] : hidden_) until = std::min(until, scene_.agenda.now());
}

LndModel::ExternalInvoice LndModel::create_external_invoice(std::optional<std::uint64_t> amount_msat, std::uint32_t expiry_s,
                                                            Fate fate) {
  const auto preimage = sha256(bytes_of("outside " + std::to_string(++last_preimage_)));
  const auto invoice = regtest_invoice(now_s(), preimage, amount_msat, expiry_s, "outside");
  const auto payment_hash = hex(invoice.payment_hash);
  auto text = *bolt11::encode(invoice, outside_key_);
  outside_.emplace(payment_hash, Outside{preimage, text, amount_msat, invoice.expires_at(), fate});
  return {std::move(text), payment_hash};
}

std::string LndModel::preimage_received(const std::string& payment_hash) const { return hex(invoices_.at(payment_hash).preimage); }

std::optional<std::string> LndModel::preimage_of(const std::string& payment_hash) const {
  const auto found = outside_.find(payment_hash);
  if (found == outside_.end()) return std::nullopt;
  return hex(found->second.preimage);
}

}  // namespace lntpay::sim
