// Parses lnd's responses.
#include "core/lightning/node/lnd_json.hpp"

#include <algorithm>
#include <array>

#include "core/base/encoding.hpp"
#include "core/base/integer.hpp"
#include "core/crypto/sha256.hpp"
#include "core/lightning/bolt11/bech32.hpp"

namespace lntpay::lnd {
namespace {

constexpr std::size_t depth_read = 2;           // {"result":{"status":…}}
constexpr std::size_t message_bytes_max = 500;  // lnd's messages are stored in rows; longer ones are not lnd's

struct KnownRefusal {
  std::string_view begins;
  std::string_view reason;
};

// lnd returns these before it looks up a payment: the gateway and the macaroon check come before the call, and SendPaymentV2 parses
// its request (routerrpc, extractIntentFromSendRequest) before it records anything.
constexpr auto known_refusals = std::to_array<KnownRefusal>({
    {"invoice expired. ", "the invoice has expired"},
    {"amount must ", "the amount does not match the invoice"},
    {"invoice not for current active network", "the invoice is for another network"},
    {"checksum failed. ", "the node cannot read the invoice"},
    {"failed converting data to bytes: ", "the node cannot read the invoice"},
    {"invalid bech32 string length ", "the node cannot read the invoice"},
    {"payment request must contain ", "the node does not support this kind of invoice"},
    {"the AMP flag ", "the node does not support this kind of invoice"},
    {"self-payments not allowed", "the invoice is the node's own"},
    {"verification failed: ", "the node does not accept the macaroon"},
    {"permission denied", "the macaroon does not allow this call"},
    {"expected 1 macaroon, ", "the node received no macaroon"},
    {"cannot determine data format of binary-encoded macaroon", "the node does not accept the macaroon"},
    {"encoding/hex: ", "the node does not accept the macaroon"},
    {"wallet locked, ", "the node's wallet is locked"},
    {"wallet not created, ", "the node has no wallet yet"},
    {"waiting to start, ", "the node is starting"},
    {"the RPC server is in the process of starting up", "the node is starting"},
    {"proto: ", "the node does not understand the request"},
    {"node-proxy: nothing was sent: ", "the node cannot be reached"},  // host-adapters/server/proxy/node_relay.cpp
});

std::optional<Msat> msat_in(const Json& object, std::string_view name) {
  const auto value = number_in(object, name);
  if (!value || *value > msat_max.value) return std::nullopt;
  return Msat{*value};
}

std::optional<UnixMillis> time_in(const Json& object, std::string_view name) {
  const auto value = number_in(object, name);
  if (!value || *value > unix_millis_max.value / 1'000) return std::nullopt;
  return UnixMillis{*value * 1'000};
}

std::optional<PaymentState> payment_state(std::string_view status) {
  if (status == "INITIATED" || status == "IN_FLIGHT") return PaymentState::in_flight;
  if (status == "SUCCEEDED") return PaymentState::succeeded;
  if (status == "FAILED") return PaymentState::failed;
  return std::nullopt;
}

std::optional<InvoiceState> invoice_state(std::string_view state) {
  if (state == "OPEN" || state == "ACCEPTED") return InvoiceState::open;
  if (state == "SETTLED") return InvoiceState::settled;
  if (state == "CANCELED") return InvoiceState::canceled;
  return std::nullopt;
}

std::string_view short_text_in(const Json& object, std::string_view name) {
  const auto text = text_in(object, name);
  return text.size() <= message_bytes_max ? text : std::string_view{};
}

}  // namespace

std::string_view text_in(const Json& object, std::string_view name) {
  const auto* member = object.find(name);
  return member != nullptr && member->kind == Json::Kind::text ? std::string_view(member->text) : std::string_view{};
}

std::optional<std::uint64_t> number_in(const Json& object, std::string_view name) {
  const auto* member = object.find(name);
  if (member == nullptr || (member->kind != Json::Kind::text && member->kind != Json::Kind::number)) return std::nullopt;
  return parse_integer<std::uint64_t>(member->text);
}

std::optional<Json> read_message(std::string_view text) {
  auto json = read_json(text, depth_read);
  if (!json || json->kind != Json::Kind::object) return std::nullopt;
  return std::move(*json);
}

std::optional<Refusal> refusal_in(const Json& message) {
  const auto* wrapped = message.find("error");
  const auto& error = wrapped != nullptr ? *wrapped : message;
  const auto code = number_in(error, "code");
  const auto text = short_text_in(error, "message");
  if (!code || text.empty()) return std::nullopt;
  return Refusal{*code, std::string(text)};
}

std::optional<std::string_view> definite_reason(const Refusal& refusal) {
  for (const auto& known : known_refusals) {
    if (refusal.message.starts_with(known.begins)) return known.reason;
  }
  return std::nullopt;
}

std::optional<PaymentRecord> payment_in(const Json& message, const Bytes32& payment_hash) {
  const auto* update = message.find("result");
  if (update == nullptr || text_in(*update, "payment_hash") != hex(payment_hash)) return std::nullopt;
  const auto index = number_in(*update, "payment_index");
  const auto state = payment_state(text_in(*update, "status"));
  // An index of 0 means "no record" in comparisons.
  if (!index || *index == 0 || !state) return std::nullopt;
  PaymentRecord record{.state = *state, .index = *index};
  if (*state == PaymentState::failed) record.failure = short_text_in(*update, "failure_reason");
  if (*state == PaymentState::succeeded) {
    const auto preimage = hex_decode32(text_in(*update, "payment_preimage"));
    const auto fee = msat_in(*update, "fee_msat");
    if (preimage && fee && sha256(*preimage) == payment_hash) {
      record.preimage = *preimage;
      record.fee = *fee;
      record.amount = msat_in(*update, "value_msat");
    } else {
      record.state = PaymentState::in_flight;
      record.failure = "SUCCEEDED without a preimage or fee";
    }
  }
  return record;
}

UnixMillis next_poll_at(UnixMillis created_at, UnixMillis expires_at, UnixMillis now) {
  constexpr Millis soon = seconds(2);
  constexpr Millis late = minutes(5);
  const Millis quarter{(now - (now < expires_at ? created_at : expires_at)).value / 4};
  const auto next = now + std::clamp(quarter, soon, late);
  return now < expires_at ? std::min(next, expires_at) : next;
}

namespace {

/// The memo, or the hash in its place.
bolt11::Description description_in(const Json& message) {
  const auto hash = base64_decode32(Base64::standard, text_in(message, "description_hash"));
  if (hash) return bolt11::DescriptionHash{*hash};
  return std::string(text_in(message, "memo"));
}

}  // namespace

std::optional<NodeInvoice> invoice_in(const Json& message, UnixMillis now) {
  const auto payment_hash = base64_decode32(Base64::standard, text_in(message, "r_hash"));
  const auto state = invoice_state(text_in(message, "state"));
  const auto amount = msat_in(message, "value_msat");
  const auto paid = msat_in(message, "amt_paid_msat");
  const auto created_at = time_in(message, "creation_date");
  const auto expiry_s = number_in(message, "expiry");
  const auto settled_at = time_in(message, "settle_date");
  const auto text = text_in(message, "payment_request");
  if (!payment_hash || !state || !amount || !paid) return std::nullopt;
  if (!created_at || !expiry_s || *expiry_s > bolt11::expiry_s_max) return std::nullopt;
  if (text.empty() || text.size() > bolt11::length_max) return std::nullopt;
  const bool settled = *state == InvoiceState::settled;
  const auto expires_at = *created_at + seconds(static_cast<std::int64_t>(*expiry_s));
  return NodeInvoice{
      .payment_hash = *payment_hash,
      .bolt11 = std::string(text),
      .amount = amount->value != 0 ? amount : std::nullopt,
      .description = description_in(message),
      .expiry_s = *expiry_s,
      .expires_at = expires_at,
      .state = *state,
      .paid = settled ? *paid : Msat{},
      .settled_at = settled ? settled_at : std::nullopt,
      .next_poll_at = next_poll_at(*created_at, expires_at, now),
  };
}

}  // namespace lntpay::lnd
