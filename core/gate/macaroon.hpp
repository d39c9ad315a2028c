// Macaroons, version 2, binary: a bearer token whose holder can add conditions ("caveats") and take none away.
//
//   auto macaroon = Macaroon::mint(root_key, "lntpay", identifier);
//   macaroon.add_caveat("gate=gate_…");
//   macaroon.is_signed_by(root_key)          // whoever added caveats, and however many
//
// The signature chain and the format are those of libmacaroons and go-macaroon, which every client has: the key that signs is
// HMAC-SHA-256("macaroons-key-generator", root key), and the fields are EOS 0, location 1, identifier 2 (a caveat's as well), vid
// 4, signature 6. The L402 documents differ from both in these places and interoperate with nobody.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"

namespace lntpay {

/// Of the binary form. Ours have some 500 bytes before a client narrows them.
inline constexpr std::size_t macaroon_bytes_max = 4'096;

class Macaroon {
 public:
  static Macaroon mint(ByteView root_key, std::string location, std::string identifier);
  /// Fails with unauthenticated; the message says what to send instead: version 1, JSON, a caveat of a third party, more than
  /// macaroon_bytes_max, anything that is not a macaroon from the first byte to the last.
  static Result<Macaroon> parse(ByteView binary);

  void add_caveat(std::string caveat);
  [[nodiscard]] std::string binary() const;
  /// Whether nobody but the holder of the root key and those whom it was given made it. Takes the same time for every signature.
  [[nodiscard]] bool is_signed_by(ByteView root_key) const;

  [[nodiscard]] const std::string& location() const { return location_; }
  [[nodiscard]] const std::string& identifier() const { return identifier_; }
  [[nodiscard]] const std::vector<std::string>& caveats() const { return caveats_; }
  [[nodiscard]] const Bytes32& signature() const { return signature_; }

 private:
  Macaroon() = default;

  std::string location_;  ///< a hint for people; not signed
  std::string identifier_;
  std::vector<std::string> caveats_;
  Bytes32 signature_{};
};

}  // namespace lntpay
