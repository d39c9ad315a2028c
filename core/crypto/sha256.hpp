// SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104), over mbedTLS. Nothing here fails or allocates.
#pragma once
#include <cstddef>
#include <initializer_list>

#include "core/base/bytes.hpp"

namespace lntpay {

/// A message hashed piece by piece. `finish` once; the state is wiped with the object.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256& other);
  Sha256& operator=(const Sha256& other);

  Sha256& update(ByteView bytes);
  [[nodiscard]] Bytes32 finish();

 private:
  alignas(8) std::array<std::byte, 112> state_;  // an mbedtls_sha256_context; its size is checked where it is used
};

/// An HMAC over a message given piece by piece. `finish` once. The key may have any length. Copying a fresh one reuses the absorbed
/// key, which halves the work.
class HmacSha256 {
 public:
  explicit HmacSha256(ByteView key);

  HmacSha256& update(ByteView bytes);
  [[nodiscard]] Bytes32 finish();

 private:
  Sha256 inner_;
  Sha256 outer_;
};

[[nodiscard]] Bytes32 sha256(ByteView message);
[[nodiscard]] Bytes32 hmac_sha256(ByteView key, ByteView message);

/// The HMAC of the concatenated parts. The parts are not delimited: the caller keeps their boundaries unambiguous.
[[nodiscard]] Bytes32 hmac_sha256(ByteView key, std::span<const ByteView> parts);
[[nodiscard]] Bytes32 hmac_sha256(ByteView key, std::initializer_list<ByteView> parts);

}  // namespace lntpay
