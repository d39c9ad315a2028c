// Parsing each form of a credential, and opening it into the same proof.
#include "core/gate/credential.hpp"

#include <algorithm>

#include "core/base/ascii.hpp"
#include "core/base/encoding.hpp"
#include "core/base/json.hpp"
#include "core/base/secret.hpp"
#include "core/base/time.hpp"
#include "core/crypto/sha256.hpp"

namespace lntpay {
namespace {

constexpr std::string_view identifier_version("\0\0", 2);

/// Removes the first word and the spaces after it.
std::string_view cut_word(std::string_view& text) {
  const auto end = std::min(text.find(' '), text.size());
  const auto word = text.substr(0, end);
  text.remove_prefix(std::min(text.find_first_not_of(' ', end), text.size()));
  return word;
}

bool is_l402(std::string_view scheme) { return equal_ignoring_case(scheme, "l402") || equal_ignoring_case(scheme, "lsat"); }

std::optional<Bytes> decode_token(std::string_view text) {
  for (const auto form : {Base64::standard, Base64::standard_unpadded, Base64::url, Base64::url_unpadded}) {
    if (auto bytes = base64_decode(form, text)) return bytes;
  }
  return std::nullopt;
}

Result<Credential> read_l402(std::string_view text) {
  // "L402 L402 token:preimage"
  if (auto rest = text; is_l402(cut_word(rest))) text = rest;
  const auto colon = text.find(':');
  if (colon == std::string_view::npos)
    return unauthenticated("The preimage is missing. Send the token, a colon and the preimage: L402 <token>:<preimage>.");
  const auto token = text.substr(0, colon);
  if (token.contains(',')) return unauthenticated("The credential has several tokens. Send one.");
  const auto preimage = hex_decode32(ascii_lower(text.substr(colon + 1)));
  if (!preimage) return unauthenticated("The preimage must be 64 hex digits.");
  const auto binary = decode_token(token);
  if (!binary) return unauthenticated("The token is not base64. Send it as it was issued.");
  auto macaroon = Macaroon::parse(*binary);
  if (!macaroon) return std::unexpected(std::move(macaroon.error()));
  return L402Credential{std::move(*macaroon), *preimage};
}

/// The payment hash in a token's identifier; nullopt if it is not in our format.
std::optional<Bytes32> hash_in(std::string_view identifier) {
  Bytes32 hash{};
  if (!identifier.starts_with(identifier_version) || identifier.size() != identifier_version.size() + 2 * hash.size())
    return std::nullopt;
  std::ranges::copy(bytes_of(identifier.substr(identifier_version.size(), hash.size())), hash.begin());
  return hash;
}

Bytes32 root_key(ByteView gate_secret, std::string_view identifier) { return hmac_sha256(gate_secret, bytes_of(identifier)); }

/// The methodDetails of a charge's request, or an empty object.
Json details_in(std::string_view request) {
  const auto bytes = payment_decode(request);
  const auto json = read_json(bytes ? text_of(*bytes) : std::string_view());
  const auto* details = json ? json->find("methodDetails") : nullptr;
  return details != nullptr ? *details : Json{};
}

struct Opener {
  ByteView gate_secret;

  Result<IssuedCredential> operator()(const L402Credential& credential) const {
    const auto& macaroon = credential.macaroon;
    const auto hash = hash_in(macaroon.identifier());
    if (!hash || !macaroon.is_signed_by(root_key(gate_secret, macaroon.identifier()))) return not_issued();
    return terms_of(macaroon.caveats()).transform([&](Terms terms) {
      return IssuedCredential{{*hash, std::move(terms), {}}, credential.preimage};
    });
  }
  Result<IssuedCredential> operator()(const PaymentCredential& credential) const {
    const auto& challenge = credential.challenge;
    if (!is_issued(gate_secret, challenge)) return not_issued();
    // Signed, so it was written by `issue_payment_challenge` and can be parsed.
    const auto details = details_in(challenge.request);
    const auto* hash_text = details.find("paymentHash");
    const auto* terms_there = details.find("terms");
    const auto hash = hash_text != nullptr ? hex_decode32(hash_text->text) : std::nullopt;
    if (!hash || terms_there == nullptr) return not_issued();
    return terms_of_json(*terms_there).transform([&](Terms terms) {
      return IssuedCredential{{*hash, std::move(terms), challenge.id}, hex_decode32(ascii_lower(credential.preimage()))};
    });
  }
  static std::unexpected<Error> not_issued() {
    return unauthenticated("This credential was not issued by this gate, or it was changed. Pay the invoice of a new challenge.");
  }
};

}  // namespace

Result<std::optional<Credential>> read_credential(const HeaderLine& authorization) {
  if (authorization.several) return unauthenticated("Send one Authorization line.");
  if (!authorization.value) return std::nullopt;
  std::string_view rest = *authorization.value;
  const auto scheme = cut_word(rest);
  const auto some = [](auto credential) { return std::optional<Credential>(std::move(credential)); };
  if (is_l402(scheme)) return read_l402(rest).transform(some);
  if (equal_ignoring_case(scheme, "payment")) return read_payment_credential(rest).transform(some);
  return std::nullopt;
}

std::string token_identifier(const Bytes32& payment_hash, const Bytes32& token_id) {
  std::string identifier(identifier_version);
  return identifier.append(text_of(payment_hash)).append(text_of(token_id));
}

Macaroon issue_macaroon(ByteView gate_secret, const Bytes32& payment_hash, const Bytes32& token_id, const Terms& terms) {
  auto identifier = token_identifier(payment_hash, token_id);
  const auto key = root_key(gate_secret, identifier);
  auto macaroon = Macaroon::mint(key, "lntpay", std::move(identifier));
  for (auto& caveat : caveats_of(terms)) macaroon.add_caveat(std::move(caveat));
  return macaroon;
}

PaymentChallenge issue_payment_challenge(ByteView gate_secret, std::string_view realm, const OfferedInvoice& invoice,
                                         const Terms& terms) {
  // Names in the order of canonical JSON.
  const auto details = JsonObject{}
                           .add("invoice", invoice.bolt11)
                           .add("network", invoice.network)
                           .add("paymentHash", hex(invoice.payment_hash))
                           .raw("terms", terms_json(terms))
                           .text();
  const auto request = JsonObject{}
                           .add("amount", std::to_string(terms.price.value / 1'000))
                           .add("currency", "sat")
                           .raw("methodDetails", details)
                           .text();
  PaymentChallenge challenge{.id = {},
                             .realm = std::string(realm),
                             .method = "lightning",
                             .intent = "charge",
                             .request = base64(Base64::url_unpadded, bytes_of(request)),
                             .expires = rfc3339(invoice.expires_at),
                             .digest = {},
                             .description = {},
                             .opaque = {}};
  challenge.id = challenge_id(gate_secret, challenge);
  return challenge;
}

Result<IssuedCredential> open_credential(const Credential& credential, ByteView gate_secret) {
  return std::visit(Opener{gate_secret}, credential);
}

Result<Proof> verify_paid(const IssuedCredential& issued, UnixMillis now) {
  const auto& [proof, preimage] = issued;
  if (!preimage || !constant_time_equal(sha256(*preimage), proof.payment_hash)) {
    return unauthenticated("The preimage does not match this challenge's invoice. Send the one that you received for the payment.");
  }
  if (proof.terms.valid_until <= now) return unauthenticated("This credential has expired. Pay the invoice of a new challenge.");
  return proof;
}

}  // namespace lntpay
