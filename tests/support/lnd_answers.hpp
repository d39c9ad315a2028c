// lnd's responses as text, for tests of the client.
#pragma once
#include <string>
#include <string_view>

#include "core/base/encoding.hpp"
#include "core/crypto/sha256.hpp"
#include "core/lightning/node/lnd.hpp"

namespace lntpay::test {

inline const Bytes32 preimage = sha256(bytes_of("a preimage"));
inline const Bytes32 payment_hash = sha256(preimage);
inline constexpr Bytes32 other_hash{1, 2, 3};

/// An update in lnd's form, with all members that are parsed and one that is not.
struct Update {
  std::string_view status = "IN_FLIGHT";
  std::string index = "3";
  Bytes32 hash = payment_hash;
  std::string preimage = std::string(64, '0');
  std::string fee = "0";
  std::string_view failure = "FAILURE_REASON_NONE";
  std::string htlcs = "[]";
};

inline std::string line(const Update& update) {
  return R"({"result":{"payment_hash":")" + hex(update.hash) + R"(","payment_preimage":")" + update.preimage + R"(","status":")" +
         std::string(update.status) + R"(","fee_msat":")" + update.fee + R"(","htlcs":)" + update.htlcs + R"(,"payment_index":")" +
         update.index + R"(","failure_reason":")" + std::string(update.failure) + "\"}}\n";
}
inline std::string in_flight() { return line({}); }
inline std::string failed() { return line({.status = "FAILED", .failure = "FAILURE_REASON_NO_ROUTE"}); }
inline std::string succeeded() { return line({.status = "SUCCEEDED", .preimage = hex(preimage), .fee = "1500"}); }
inline std::string error(std::uint64_t code, std::string_view message) {
  return R"({"error":{"code":)" + std::to_string(code) + R"(,"message":")" + std::string(message) + "\",\"details\":[]}}\n";
}
inline std::string bare_error(std::uint64_t code, std::string_view message) {
  return R"({"code":)" + std::to_string(code) + R"(, "message":")" + std::string(message) + R"(", "details":[]})";
}
inline std::string an_error() { return error(2, "the roof is on fire"); }

inline Reply broken(std::string body) { return Broken{{.status = 200, .headers = {}, .body = std::move(body)}, "reset"}; }

inline const InvoiceRequest coffee{.preimage = preimage, .amount = 21_sat, .description = "one coffee", .expiry_s = 600};

}  // namespace lntpay::test
