// ECDSA on secp256k1, as Lightning uses it: deterministic signatures (RFC 6979) with low S, public keys recovered from
// signatures, verification. Thin over libsecp256k1; nothing here allocates.
#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "core/base/bytes.hpp"

namespace lntpay {

/// A compressed point: 02 or 03, then X, big-endian. Holds any 33 bytes; `is_valid` checks that they are on the curve.
struct PublicKey {
  std::array<std::uint8_t, 33> bytes{};
  auto operator<=>(const PublicKey&) const = default;
};

[[nodiscard]] bool is_valid(const PublicKey& key);

/// A number in [1, n - 1]. Move-only; wiped on destruction and when moved from, and unusable after that.
class SecretKey {
 public:
  /// nullopt unless the big-endian number is in range.
  static std::optional<SecretKey> from(const Bytes32& bytes);

  SecretKey(const SecretKey&) = delete;
  SecretKey& operator=(const SecretKey&) = delete;
  SecretKey(SecretKey&& other) noexcept;
  SecretKey& operator=(SecretKey&& other) noexcept;
  ~SecretKey();

  [[nodiscard]] ByteView reveal() const { return bytes_; }

 private:
  explicit SecretKey(const Bytes32& bytes) : bytes_(bytes) {}
  Bytes32 bytes_;
};

/// r | s, each 32 bytes, big-endian.
using CompactSignature = std::array<std::uint8_t, 64>;

struct RecoverableSignature {
  CompactSignature compact{};
  std::uint8_t recovery_id = 0;  // 0 to 3
  bool operator==(const RecoverableSignature&) const = default;
};

/// (r, s) and (r, n - s) sign the same message; the smaller s is the canonical one. Whether verification accepts both is a rule of
/// the protocol, so every caller states it.
enum class HighS : std::uint8_t { refuse, accept };

[[nodiscard]] PublicKey public_key(const SecretKey& key);

/// Always low S. The nonce is RFC 6979's: the same key and hash give the same signature.
[[nodiscard]] RecoverableSignature sign_recoverable(const SecretKey& key, const Bytes32& hash);

/// The signer's key; nullopt when r or s is 0 or not below n, the recovery id is above 3, or there is no such point.
/// High and low S both recover.
[[nodiscard]] std::optional<PublicKey> recover(const RecoverableSignature& signature, const Bytes32& hash);

[[nodiscard]] bool verify(const PublicKey& key, const CompactSignature& signature, const Bytes32& hash, HighS high_s);

/// Whether s is above n / 2.
[[nodiscard]] bool has_high_s(const CompactSignature& signature);

}  // namespace lntpay
