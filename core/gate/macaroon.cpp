// The HMAC chain, and the fields of the binary form.
#include "core/gate/macaroon.hpp"

#include <algorithm>
#include <optional>

#include "core/base/secret.hpp"
#include "core/crypto/sha256.hpp"

namespace lntpay {
namespace {

constexpr char version_2 = 2;

/// Field types. A field is type, length as a varint, data; the end of a section is only its type.
enum class Tag : std::uint8_t { end_of_section = 0, location = 1, identifier = 2, verification_id = 4, signature = 6 };

Bytes32 first_signature(ByteView root_key, std::string_view identifier) {
  return hmac_sha256(hmac_sha256(bytes_of("macaroons-key-generator"), root_key), bytes_of(identifier));
}

void put(std::string& out, Tag tag, std::string_view data) {
  out += static_cast<char>(tag);
  auto size = data.size();
  for (; size >= 0x80; size >>= 7) out += static_cast<char>(0x80 | (size & 0x7f));
  out += static_cast<char>(size);
  out += data;
}

/// Reads fields from the front. An unexpected field yields nullopt and is not consumed.
class Fields {
 public:
  explicit Fields(std::string_view rest) : rest_(rest) {}

  std::optional<std::string_view> take(Tag tag) {
    if (rest_.empty() || rest_.front() != static_cast<char>(tag)) return std::nullopt;
    auto rest = rest_.substr(1);
    const auto size = take_size(rest);
    if (!size || *size > rest.size()) return std::nullopt;
    rest_ = rest.substr(*size);
    return rest.substr(0, *size);
  }
  bool take_end() {
    if (rest_.empty() || rest_.front() != static_cast<char>(Tag::end_of_section)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  [[nodiscard]] bool empty() const { return rest_.empty(); }

 private:
  /// A varint of at most two bytes in its shortest form: enough for macaroon_bytes_max.
  static std::optional<std::size_t> take_size(std::string_view& rest) {
    std::size_t size = 0;
    for (unsigned i = 0; i < 2 && i < rest.size(); ++i) {
      const auto byte = static_cast<std::uint8_t>(rest[i]);
      size |= static_cast<std::size_t>(byte & 0x7f) << (7 * i);
      if (byte >= 0x80) continue;
      if (i > 0 && byte == 0) return std::nullopt;
      rest.remove_prefix(i + 1);
      return size;
    }
    return std::nullopt;
  }

  std::string_view rest_;
};

}  // namespace

Macaroon Macaroon::mint(ByteView root_key, std::string location, std::string identifier) {
  Macaroon macaroon;
  macaroon.signature_ = first_signature(root_key, identifier);
  macaroon.location_ = std::move(location);
  macaroon.identifier_ = std::move(identifier);
  return macaroon;
}

void Macaroon::add_caveat(std::string caveat) {
  signature_ = hmac_sha256(signature_, bytes_of(caveat));
  caveats_.push_back(std::move(caveat));
}

std::string Macaroon::binary() const {
  std::string out(1, version_2);
  const auto end = [&out] { out += static_cast<char>(Tag::end_of_section); };
  if (!location_.empty()) put(out, Tag::location, location_);
  put(out, Tag::identifier, identifier_);
  end();
  for (const auto& caveat : caveats_) {
    put(out, Tag::identifier, caveat);
    end();
  }
  end();
  put(out, Tag::signature, text_of(signature_));
  return out;
}

Result<Macaroon> Macaroon::parse(ByteView binary) {
  if (binary.size() > macaroon_bytes_max)
    return unauthenticated("The macaroon is longer than 4096 bytes. Send it as it was issued.");
  const auto text = text_of(binary);
  // Version 1 begins with the length of its first packet, in four hex digits.
  if (text.starts_with("00")) return unauthenticated("This macaroon has version 1. Send version 2, as it was issued.");
  if (text.starts_with('{')) return unauthenticated("This macaroon is JSON. Send the binary form, as it was issued.");
  const auto malformed = unauthenticated("The credential contains no macaroon. Send the token of the challenge unchanged.");
  if (!text.starts_with(version_2)) return malformed;

  Fields fields(text.substr(1));
  Macaroon macaroon;
  macaroon.location_ = fields.take(Tag::location).value_or("");
  const auto identifier = fields.take(Tag::identifier);
  if (!identifier || !fields.take_end()) return malformed;
  macaroon.identifier_ = *identifier;
  while (!fields.take_end()) {
    const bool elsewhere = fields.take(Tag::location).has_value();
    const auto caveat = fields.take(Tag::identifier);
    if (!caveat) return malformed;
    if (elsewhere || fields.take(Tag::verification_id))
      return unauthenticated("The macaroon has a third-party caveat, which is not supported. Send it as it was issued.");
    if (!fields.take_end()) return malformed;
    macaroon.caveats_.emplace_back(*caveat);
  }
  const auto signature = fields.take(Tag::signature);
  if (!signature || signature->size() != macaroon.signature_.size() || !fields.empty()) return malformed;
  std::ranges::copy(bytes_of(*signature), macaroon.signature_.begin());
  return macaroon;
}

bool Macaroon::is_signed_by(ByteView root_key) const {
  auto signature = first_signature(root_key, identifier_);
  for (const auto& caveat : caveats_) signature = hmac_sha256(signature, bytes_of(caveat));
  return constant_time_equal(signature, signature_);
}

}  // namespace lntpay
