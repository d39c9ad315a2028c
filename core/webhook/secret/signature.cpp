// Signing, and verification as a receiver does it.
#include "core/webhook/secret/signature.hpp"

#include <algorithm>

#include "core/base/encoding.hpp"
#include "core/base/integer.hpp"
#include "core/crypto/sha256.hpp"

namespace lntpay {
namespace {

constexpr std::string_view secret_prefix = "whsec_";
constexpr std::string_view signature_version = "v1,";

/// The HMAC key; empty when it cannot be decoded.
Secret key_of(std::string_view shown) {
  if (shown.starts_with(secret_prefix)) shown.remove_prefix(secret_prefix.size());
  const auto form = shown.ends_with('=') || shown.size() % 4 == 0 ? Base64::standard : Base64::standard_unpadded;
  auto key = base64_decode(form, shown);
  return key ? Secret(std::move(*key)) : Secret();
}

std::string signature_under(const Secret& key, std::string_view id, std::string_view timestamp, std::string_view body) {
  const auto dot = bytes_of(".");
  const auto mac = hmac_sha256(key.reveal(), {bytes_of(id), dot, bytes_of(timestamp), dot, bytes_of(body)});
  return std::string(signature_version) + base64(Base64::standard, mac);
}

const std::string* find(std::span<const Header> headers, std::string_view name) {
  const auto at = std::ranges::find(headers, name, &Header::name);
  return at == headers.end() ? nullptr : &at->value;
}

}  // namespace

Secret generate_signing_secret(Random& random) {
  std::array<std::uint8_t, 24> key{};
  random.fill(key);
  auto text = std::string(secret_prefix) + base64(Base64::standard, key);
  auto secret = Secret::copy_of(text);
  wipe(text);
  wipe(key);
  return secret;
}

std::string webhook_signature(std::string_view shown_secret, std::string_view id, std::uint64_t timestamp_s,
                              std::string_view body) {
  const auto key = key_of(shown_secret);
  return key.empty() ? std::string{} : signature_under(key, id, std::to_string(timestamp_s), body);
}

std::string body_signature(std::string_view shown_secret, std::string_view body) {
  return hex(hmac_sha256(bytes_of(shown_secret), bytes_of(body)));
}

std::vector<Header> signed_headers(std::span<const Secret> secrets, std::size_t active, std::string_view id, UnixMillis at,
                                   std::string_view body) {
  const auto timestamp_s = at.value / 1'000;
  std::string signatures;
  for (const auto& secret : secrets) {
    if (!signatures.empty()) signatures += ' ';
    signatures += webhook_signature(secret.reveal_text(), id, timestamp_s, body);
  }
  const auto plain = body_signature(secrets[active].reveal_text(), body);
  return {{"webhook-id", std::string(id)},
          {"webhook-timestamp", std::to_string(timestamp_s)},
          {"webhook-signature", std::move(signatures)},
          {"x-signature", plain},
          {"x-lntpay-signature", plain}};
}

std::expected<void, std::string> verify_webhook(std::string_view shown_secret, std::span<const Header> headers,
                                                std::string_view body, UnixMillis now, Millis tolerance) {
  const auto* id = find(headers, "webhook-id");
  const auto* timestamp = find(headers, "webhook-timestamp");
  const auto* signatures = find(headers, "webhook-signature");
  if (id == nullptr) return std::unexpected("the header webhook-id is missing");
  if (timestamp == nullptr) return std::unexpected("the header webhook-timestamp is missing");
  if (signatures == nullptr) return std::unexpected("the header webhook-signature is missing");
  const auto key = key_of(shown_secret);
  if (key.empty()) return std::unexpected("the secret is invalid: it must be whsec_ followed by base64");

  const auto sent_s = parse_integer<std::uint64_t>(*timestamp, unix_millis_max.value / 1'000);
  if (!sent_s || std::to_string(*sent_s) != *timestamp) {
    return std::unexpected("webhook-timestamp is not a decimal number of seconds");
  }
  const auto now_s = static_cast<std::int64_t>(now.value / 1'000);
  const auto age_s = now_s - static_cast<std::int64_t>(*sent_s);
  const auto tolerance_s = tolerance.value / 1'000;
  if (age_s > tolerance_s) return std::unexpected("webhook-timestamp is too old");
  if (age_s < -tolerance_s) return std::unexpected("webhook-timestamp is in the future");

  const auto expected = signature_under(key, *id, *timestamp, body);
  bool matches = false;
  for (std::string_view rest = *signatures; !rest.empty();) {
    const auto space = rest.find(' ');
    matches = constant_time_equal(bytes_of(rest.substr(0, space)), bytes_of(expected)) || matches;
    rest = space == rest.npos ? std::string_view{} : rest.substr(space + 1);
  }
  if (!matches) return std::unexpected("no signature matches: the secret or the body is different");
  return {};
}

}  // namespace lntpay
