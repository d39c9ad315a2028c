// The headers (RFC 9110, section 11), the JSON, and the HMAC.
#include "core/gate/payment_scheme.hpp"

#include <algorithm>
#include <array>

#include "core/base/ascii.hpp"
#include "core/base/encoding.hpp"
#include "core/base/json.hpp"
#include "core/base/secret.hpp"
#include "core/base/time.hpp"
#include "core/base/utf8.hpp"
#include "core/crypto/sha256.hpp"

namespace lntpay {
namespace {

struct Parameter {
  std::string_view name;
  std::string PaymentChallenge::* value;
  bool required = false;
};
constexpr std::array parameters{
    Parameter{"id", &PaymentChallenge::id, true},           Parameter{"realm", &PaymentChallenge::realm, true},
    Parameter{"method", &PaymentChallenge::method, true},   Parameter{"intent", &PaymentChallenge::intent, true},
    Parameter{"request", &PaymentChallenge::request, true}, Parameter{"expires", &PaymentChallenge::expires},
    Parameter{"digest", &PaymentChallenge::digest},         Parameter{"description", &PaymentChallenge::description},
    Parameter{"opaque", &PaymentChallenge::opaque},
};

/// In signing order.
constexpr std::array signed_slots{&PaymentChallenge::realm,   &PaymentChallenge::method,  &PaymentChallenge::intent,
                                  &PaymentChallenge::request, &PaymentChallenge::expires, &PaymentChallenge::digest,
                                  &PaymentChallenge::opaque};

bool is_complete(const PaymentChallenge& challenge) {
  return std::ranges::all_of(parameters, [&](const auto& p) { return !p.required || !(challenge.*p.value).empty(); });
}

/// Reads the words of a header's value.
class Words {
 public:
  explicit Words(std::string_view rest) : rest_(rest) {}

  [[nodiscard]] bool empty() const { return rest_.empty(); }
  bool skip(std::string_view any_of) {
    const auto end = std::min(rest_.find_first_not_of(any_of), rest_.size());
    rest_.remove_prefix(end);
    return end > 0;
  }
  std::string_view token() {
    constexpr std::string_view ends = " \t,=\"()<>@;:\\[]?{}";
    const auto end = std::min(rest_.find_first_of(ends), rest_.size());
    const auto token = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return token;
  }
  /// A token, or a quoted string without its escapes.
  std::string value() {
    if (!rest_.starts_with('"')) return std::string(token());
    rest_.remove_prefix(1);
    std::string text;
    while (!rest_.empty() && rest_.front() != '"') {
      if (rest_.front() == '\\' && rest_.size() > 1) rest_.remove_prefix(1);
      text += rest_.front();
      rest_.remove_prefix(1);
    }
    if (!rest_.empty()) rest_.remove_prefix(1);
    return text;
  }
  void drop() { rest_.remove_prefix(1); }

 private:
  std::string_view rest_;
};

std::unexpected<Error> unreadable(std::string_view why) {
  return fail(ErrorCode::unauthenticated,
              "The Payment credential " + std::string(why) + ". Send the challenge as received, with the preimage.");
}

std::string_view text_in(const Json& object, std::string_view name) {
  const auto* member = object.find(name);
  return member != nullptr && member->kind == Json::Kind::text ? std::string_view(member->text) : std::string_view{};
}

/// A quoted-string (RFC 9110, section 5.6.4). Runs without escapes are copied at once.
void append_quoted(std::string& out, std::string_view text) {
  const auto is_special = [](char c) { return c == '"' || c == '\\'; };
  out += '"';
  for (auto at = std::ranges::find_if(text, is_special); at != text.end(); at = std::ranges::find_if(text, is_special)) {
    out.append(text.begin(), at).append({'\\', *at});
    text.remove_prefix(static_cast<std::size_t>(at - text.begin()) + 1);
  }
  out.append(text).append("\"");
}

}  // namespace

std::string challenge_header(const PaymentChallenge& challenge) {
  std::string out = "Payment";
  for (const auto& [name, value, required] : parameters) {
    if ((challenge.*value).empty()) continue;
    out.append(out.back() == '"' ? ", " : " ").append(name).append("=");
    append_quoted(out, challenge.*value);
  }
  return out;
}

std::vector<PaymentChallenge> read_challenges(std::string_view www_authenticate) {
  std::vector<PaymentChallenge> offers;
  bool ours = false;
  Words words(www_authenticate);
  for (words.skip(" \t,"); !words.empty(); words.skip(" \t,")) {
    const auto name = ascii_lower(words.token());
    words.skip(" \t");
    if (!words.skip("=")) {
      if (name.empty()) words.drop();  // no token begins here
      ours = name == "payment";
      if (ours) offers.emplace_back();
      continue;
    }
    words.skip(" \t");
    auto value = words.value();
    const auto known = std::ranges::find(parameters, std::string_view(name), &Parameter::name);
    if (!ours || known == parameters.end()) continue;
    auto& slot = offers.back().*known->value;
    if (slot.empty()) slot = std::move(value);
  }
  std::erase_if(offers, [](const auto& offer) { return !is_complete(offer); });
  return offers;
}

std::string challenge_id(ByteView key, const PaymentChallenge& challenge) {
  std::string message;
  for (const auto slot : signed_slots) message.append(slot == signed_slots.front() ? "" : "|").append(challenge.*slot);
  return base64(Base64::url_unpadded, hmac_sha256(key, bytes_of(message)));
}

bool is_issued(ByteView key, const PaymentChallenge& challenge) {
  for (const auto slot : signed_slots) {
    if ((challenge.*slot).contains('|')) return false;
  }
  return constant_time_equal(bytes_of(challenge_id(key, challenge)), bytes_of(challenge.id));
}

std::string_view PaymentCredential::preimage() const { return text_in(payload, "preimage"); }

Result<PaymentCredential> read_payment_credential(std::string_view token) {
  const auto decoded = payment_decode(token);
  if (!decoded || decoded->empty()) return unreadable("is not base64url");
  if (!is_utf8(text_of(*decoded))) return unreadable("is not UTF-8");
  const auto json = read_json(text_of(*decoded));
  if (!json || json->kind != Json::Kind::object) return unreadable("is not a JSON object");
  const auto* challenge = json->find("challenge");
  const auto* payload = json->find("payload");
  if (challenge == nullptr || challenge->kind != Json::Kind::object) return unreadable("has no challenge");
  if (payload == nullptr || payload->kind != Json::Kind::object) return unreadable("has no payload");
  PaymentCredential credential{.challenge = {}, .source = std::string(text_in(*json, "source")), .payload = *payload};
  for (const auto& parameter : parameters) credential.challenge.*parameter.value = text_in(*challenge, parameter.name);
  if (!is_complete(credential.challenge)) return unreadable("lacks a part of the challenge");
  return credential;
}

std::string payment_receipt(UnixMillis at, std::string_view reference, std::string_view challenge_id) {
  // Whole seconds: times of the scheme have no fraction.
  const auto timestamp = rfc3339(at).substr(0, 19) + "Z";
  JsonObject receipt;
  receipt.add("status", "success").add("method", "lightning").add("timestamp", timestamp).add("reference", reference);
  if (!challenge_id.empty()) receipt.add("challengeId", challenge_id);
  return base64(Base64::url_unpadded, bytes_of(receipt.text()));
}

std::optional<Bytes> payment_decode(std::string_view text) {
  return base64_decode(text.ends_with('=') ? Base64::url : Base64::url_unpadded, text);
}

}  // namespace lntpay
