// ECDSA on secp256k1 and HMAC-SHA-256 against Wycheproof's cases. Signatures in DER are parsed by the library here, because
// the project has no DER parser. The Ed25519 set is left out: it is not used.
#include <doctest/doctest.h>
#include <secp256k1.h>

#include <algorithm>

#include "core/base/encoding.hpp"
#include "core/base/secret.hpp"
#include "core/crypto/secp256k1.hpp"
#include "core/crypto/sha256.hpp"
#include "tests/vectors/vectors.hpp"

namespace wycheproof_test {
using namespace lntpay;
using nlohmann::json;

namespace {

Bytes bytes(const json& text) { return hex_decode(text.get<std::string>()).value(); }

PublicKey key_of(const json& group) {
  const auto uncompressed = bytes(group.at("publicKey").at("uncompressed"));
  PublicKey key;
  key.bytes[0] = uncompressed.back() % 2 == 0 ? 2 : 3;
  std::copy_n(uncompressed.begin() + 1, 32, key.bytes.begin() + 1);
  return key;
}

std::optional<CompactSignature> from_der(const Bytes& der) {
  secp256k1_ecdsa_signature parsed;
  if (der.empty()) return std::nullopt;
  if (secp256k1_ecdsa_signature_parse_der(secp256k1_context_static, &parsed, der.data(), der.size()) != 1) return std::nullopt;
  CompactSignature compact;
  secp256k1_ecdsa_signature_serialize_compact(secp256k1_context_static, compact.data(), &parsed);
  return compact;
}

std::optional<CompactSignature> from_fixed(const Bytes& both) {
  CompactSignature compact;
  if (both.size() != compact.size()) return std::nullopt;
  std::ranges::copy(both, compact.begin());
  return compact;
}

template <class Parse>
void check_ecdsa(const std::string& file, HighS high_s, std::size_t cases, Parse parse) {
  const auto vectors = vectors::load("wycheproof/" + file);
  if (!vectors) return;
  std::size_t done = 0;
  for (const auto& group : vectors->at("testGroups")) {
    const auto key = key_of(group);
    for (const auto& test : group.at("tests")) {
      const auto id = test.at("tcId").get<int>();
      CAPTURE(id);
      const auto signature = parse(bytes(test.at("sig")));
      const bool verified = signature && verify(key, *signature, sha256(bytes(test.at("msg"))), high_s);
      CHECK(verified == (test.at("result").get<std::string>() == "valid"));
      ++done;
    }
  }
  CHECK(done == cases);
}

}  // namespace

TEST_CASE("ECDSA: Wycheproof's 476 signatures in DER, high S accepted") {
  check_ecdsa("ecdsa_secp256k1_sha256_test.json", HighS::accept, 476, from_der);
}

TEST_CASE("ECDSA: Wycheproof's 463 signatures under Bitcoin's rules, high S refused") {
  check_ecdsa("ecdsa_secp256k1_sha256_bitcoin_test.json", HighS::refuse, 463, from_der);
}

TEST_CASE("ECDSA: Wycheproof's 252 signatures as two numbers, high S accepted") {
  check_ecdsa("ecdsa_secp256k1_sha256_p1363_test.json", HighS::accept, 252, from_fixed);
}

TEST_CASE("HMAC-SHA-256: Wycheproof's 174 tags, whole and truncated") {
  const auto vectors = vectors::load("wycheproof/hmac_sha256_test.json");
  if (!vectors) return;
  std::size_t done = 0;
  for (const auto& group : vectors->at("testGroups")) {
    const auto size = group.at("tagSize").get<std::size_t>() / 8;
    for (const auto& test : group.at("tests")) {
      const auto id = test.at("tcId").get<int>();
      CAPTURE(id);
      const auto tag = hmac_sha256(bytes(test.at("key")), bytes(test.at("msg")));
      const bool matches = constant_time_equal(ByteView{tag}.first(size), bytes(test.at("tag")));
      CHECK(matches == (test.at("result").get<std::string>() == "valid"));
      ++done;
    }
  }
  CHECK(done == 174);
}

}  // namespace wycheproof_test
