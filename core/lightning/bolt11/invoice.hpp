// A BOLT 11 invoice as values, read by `decode` and written by `encode`. It keeps everything in the text, so the text can be
// written again bit for bit.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/units.hpp"
#include "core/crypto/secp256k1.hpp"

namespace lntpay::bolt11 {

/// bc, tb, tbs, bcrt; and sb, which is not in the specification (lnd and LDK read it).
enum class Network : std::uint8_t { bitcoin, testnet, signet, regtest, simnet };

/// "bc" and so on, after "ln" in an invoice.
std::string_view currency(Network network);
/// "bitcoin", "testnet", "signet", "regtest", "simnet".
std::string_view name(Network network);
std::optional<Network> network_of_currency(std::string_view currency);
std::optional<Network> network_of_name(std::string_view name);

/// One channel of a private route to the payee.
struct RouteHop {
  PublicKey node;
  std::uint64_t short_channel_id = 0;  // block << 40 | transaction << 16 | output
  std::uint32_t fee_base_msat = 0;
  std::uint32_t fee_proportional_millionths = 0;
  std::uint16_t cltv_expiry_delta = 0;
  bool operator==(const RouteHop&) const = default;
};

/// The hops of one `r` field, in the order of payment.
using RouteHint = std::vector<RouteHop>;

/// An `f` field, to pay on the chain: 17 = P2PKH and 18 = P2SH with a hash of 20 bytes, 0 to 16 = a witness program.
struct Fallback {
  std::uint8_t version = 0;
  Bytes program;
  bool operator==(const Fallback&) const = default;
};

/// A field that was not parsed: `type` and `data` in bech32 characters.
struct RawField {
  char type = 0;
  std::string data;
  bool operator==(const RawField&) const = default;
};

/// `d`, the description itself (UTF-8, at most 639 bytes), or `h`, the SHA-256 of a longer one.
struct DescriptionHash {
  Bytes32 sha256{};
  bool operator==(const DescriptionHash&) const = default;
};
using Description = std::variant<std::string, DescriptionHash>;

inline constexpr std::uint64_t expiry_default_s = 3'600;
inline constexpr std::uint64_t expiry_s_max = (1ULL << 35) - 1;  // what LDK writes at most
inline constexpr std::uint32_t min_final_cltv_default = 18;
inline constexpr std::uint64_t timestamp_s_max = (1ULL << 35) - 1;
inline constexpr std::size_t field_groups_max = 1'023;
inline constexpr std::size_t description_bytes_max = 639;

struct Invoice {
  Network network = Network::bitcoin;
  std::optional<Msat> amount;                   // nullopt: the payer chooses
  std::uint64_t timestamp_s = 0;                // Unix seconds, 35 bits
  Bytes32 payment_hash{};                       // p
  Bytes32 payment_secret{};                     // s
  Description description;                      // d or h
  std::optional<std::uint64_t> expiry_s;        // x, seconds after the timestamp, 35 bits
  std::optional<std::uint32_t> min_final_cltv;  // c, blocks
  std::vector<std::uint16_t> features;          // 9: the bits that are set, ascending
  std::vector<RouteHint> routes;                // r
  std::vector<Fallback> fallbacks;              // f
  std::optional<Bytes> metadata;                // m, raw
  std::vector<RawField> unknown_fields;         // of an unknown type
  std::vector<RawField> ignored_fields;         // p, h, s, n of a wrong length, f of an unknown version: skipped by the reader
  PublicKey payee;                              // the signer
  bool payee_stated = false;                    // in n
  RecoverableSignature signature;
  /// The types of all fields in the order of the text, as bech32 characters ("spd9"), ignored ones in upper case ("pds9P").
  /// `encode` uses this order.
  std::string field_order;

  [[nodiscard]] UnixMillis created_at() const { return {timestamp_s * 1'000}; }
  [[nodiscard]] UnixMillis expires_at() const { return {(timestamp_s + expiry_s.value_or(expiry_default_s)) * 1'000}; }
  [[nodiscard]] std::uint32_t final_cltv_blocks() const { return min_final_cltv.value_or(min_final_cltv_default); }

  bool operator==(const Invoice&) const = default;
};

}  // namespace lntpay::bolt11
