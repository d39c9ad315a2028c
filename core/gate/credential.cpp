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

std::string_view without_word(std::string_view text) {
  auto rest = text;
  return is_l402(cut_word(rest)) ? rest : text;
}

/// `text` begins with the colon before it; empty: there is none.
Result<std::optional<Bytes32>> read_preimage(std::string_view text) {
  if (text.empty())
    return unauthenticated("The preimage is missing. Send the token, a colon and the preimage: L402 <token>:<preimage>.");
  auto preimage = hex_decode32(ascii_lower(text.substr(1)));
  if (!preimage) return unauthenticated("The preimage must be 64 hex digits.");
  return preimage;
}

Result<Macaroon> read_token(std::string_view text) {
  const auto binary = decode_token(text);
  if (!binary) return unauthenticated("The token is not base64. Send it as it was issued.");
  return Macaroon::parse(*binary);
}

Result<Credential> read_l402(std::string_view text) {
  text = without_word(text);  // "L402 L402 token:preimage"
  const auto token = text.substr(0, text.find(':'));
  if (token.contains(',')) return unauthenticated("The credential has several tokens. Send one.");
  auto preimage = read_preimage(text.substr(token.size()));
  auto macaroon = read_token(token);
  if (!macaroon) return std::unexpected(std::move(preimage ? macaroon.error() : preimage.error()));
  return L402Credential{std::move(*macaroon), std::move(preimage)};
}

Result<Credential> read_hex_macaroon(std::string_view text) {
  const auto binary = hex_decode(ascii_lower(text));
  if (!binary) return unauthenticated("The macaroon is not hex. Send it as it was issued.");
  return Macaroon::parse(*binary).transform(
      [](Macaroon macaroon) -> Credential { return L402Credential{std::move(macaroon), {}}; });
}

Bytes32 root_key(ByteView gate_secret, std::string_view identifier) { return hmac_sha256(gate_secret, bytes_of(identifier)); }

/// The methodDetails of a charge's request, or an empty object.
Json details_in(std::string_view request) {
  const auto bytes = payment_decode(request);
  const auto json = read_json(bytes ? text_of(*bytes) : std::string_view());
  const auto* details = json ? json->find("methodDetails") : nullptr;
  return details != nullptr ? *details : Json{};
}

constexpr std::string_view preimage_caveat = "preimage=";

/// The caveats without those of the preimage, and the preimage: all that are given must agree.
Result<std::vector<std::string>> take_preimages(const std::vector<std::string>& caveats, std::optional<Bytes32>& preimage) {
  std::vector<std::string> terms;
  for (const auto& caveat : caveats) {
    if (!caveat.starts_with(preimage_caveat)) {
      terms.push_back(caveat);
      continue;
    }
    const auto given = hex_decode32(ascii_lower(std::string_view(caveat).substr(preimage_caveat.size())));
    if (!given || (preimage && !constant_time_equal(*given, *preimage)))
      return unauthenticated("The token's caveat `preimage` is not the presented preimage. Send both as received.");
    preimage = given;
  }
  return terms;
}

struct Opener {
  ByteView gate_secret;

  Result<IssuedCredential> operator()(const L402Credential& credential) const {
    const auto& macaroon = credential.macaroon;
    const auto hash = identified_hash(macaroon.identifier());
    if (!hash || !macaroon.is_signed_by(root_key(gate_secret, macaroon.identifier()))) return not_issued();
    if (!credential.preimage) return std::unexpected(credential.preimage.error());
    auto preimage = *credential.preimage;
    return take_preimages(macaroon.caveats(), preimage).and_then(terms_of).transform([&](Terms terms) {
      return IssuedCredential{{*hash, std::move(terms), {}}, preimage};
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

Result<Credential> read_credential(const CredentialText& shown) {
  switch (shown.form) {
    case CredentialForm::l402: return read_l402(shown.text);
    case CredentialForm::payment:
      return read_payment_credential(shown.text).transform([](PaymentCredential credential) -> Credential { return credential; });
    case CredentialForm::macaroon: return read_hex_macaroon(shown.text);
  }
  return Opener::not_issued();
}

bool names_gate(const Credential& credential, std::string_view gate) {
  if (const auto* l402 = std::get_if<L402Credential>(&credential)) {
    return identified_hash(l402->macaroon.identifier()) &&
           std::ranges::contains(l402->macaroon.caveats(), std::string("gate=").append(gate));
  }
  const auto details = details_in(std::get<PaymentCredential>(credential).challenge.request);
  const auto* terms = details.find("terms");
  const auto* named = terms != nullptr ? terms->find("gate") : nullptr;
  return named != nullptr && named->text == gate;
}

std::optional<Bytes32> identified_hash(std::string_view identifier) {
  Bytes32 hash{};
  if (!identifier.starts_with(identifier_version) || identifier.size() != identifier_version.size() + 2 * hash.size())
    return std::nullopt;
  std::ranges::copy(bytes_of(identifier.substr(identifier_version.size(), hash.size())), hash.begin());
  return hash;
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

bool is_paid(const IssuedCredential& issued) {
  return issued.preimage && constant_time_equal(sha256(*issued.preimage), issued.proof.payment_hash);
}

}  // namespace lntpay
