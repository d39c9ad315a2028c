// Macaroons, version 2, binary: bearer tokens to which a holder can add conditions ("caveats") but not remove any.
//
//   auto macaroon = Macaroon::mint(root_key, "lntpay", identifier);
//   macaroon.add_caveat("gate=gate_…");
//   macaroon.is_signed_by(root_key)          // true whatever caveats were added by holders
//
// The signature chain and the format are those of libmacaroons and go-macaroon, which every client has: the key that signs is
// HMAC-SHA-256("macaroons-key-generator", root key), and the fields are EOS 0, location 1, identifier 2 (a caveat's as well), vid
// 4, signature 6. The L402 documents differ in these points and interoperate with no implementation.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"

namespace lntpay {

/// Of the binary form. Issued ones have about 500 bytes.
inline constexpr std::size_t macaroon_bytes_max = 4'096;

class Macaroon {
 public:
  static Macaroon mint(ByteView root_key, std::string location, std::string identifier);
  /// Fails with unauthenticated for version 1, JSON, third-party caveats, more than macaroon_bytes_max, and anything that is not
  /// exactly one macaroon.
  static Result<Macaroon> parse(ByteView binary);

  void add_caveat(std::string caveat);
  [[nodiscard]] std::string binary() const;
  /// Verifies the HMAC chain, in constant time.
  [[nodiscard]] bool is_signed_by(ByteView root_key) const;

  [[nodiscard]] const std::string& location() const { return location_; }
  [[nodiscard]] const std::string& identifier() const { return identifier_; }
  [[nodiscard]] const std::vector<std::string>& caveats() const { return caveats_; }
  [[nodiscard]] const Bytes32& signature() const { return signature_; }

 private:
  Macaroon() = default;

  std::string location_;  ///< informational; not signed
  std::string identifier_;
  std::vector<std::string> caveats_;
  Bytes32 signature_{};
};

}  // namespace lntpay
