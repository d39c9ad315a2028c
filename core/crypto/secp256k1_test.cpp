// ECDSA: known keys and signatures, recovery, and the two rules about S.
#include "core/crypto/secp256k1.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include <type_traits>

#include "core/base/encoding.hpp"
#include "core/crypto/sha256.hpp"

namespace secp256k1_test {
using namespace lntpay;

static_assert(!std::is_copy_constructible_v<SecretKey>);

namespace {

// The key and the first example of BOLT 11.
SecretKey bolt_key() { return *SecretKey::from(*hex_decode32("e126f68f7eafcc8b74f54d269fe206be715000f94dac067d1c04a8ca3b2db734")); }
const Bytes32 bolt_hash = *hex_decode32("6daf4d488be41ce7cbb487cab1ef2975e5efcea879b20d421f0ef86b07cbb987");

constexpr std::string_view order_hex = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

/// (r, n - s) with the other recovery parity: signs the same hash.
RecoverableSignature other_s(RecoverableSignature signature) {
  const auto order = *hex_decode32(order_hex);
  int borrow = 0;
  for (std::size_t i = 32; i-- > 0;) {
    const int difference = order[i] - signature.compact[32 + i] - borrow;
    borrow = difference < 0 ? 1 : 0;
    signature.compact[32 + i] = static_cast<std::uint8_t>(difference);
  }
  signature.recovery_id ^= 1;
  return signature;
}

}  // namespace

TEST_CASE("BOLT 11's key signs its first example as published") {
  const auto key = bolt_key();
  CHECK(hex(public_key(key).bytes) == "03e7156ae33b0a208d0744199163177e909e80176e55d97a2f221ede0f934dd9ad");
  const auto signature = sign_recoverable(key, bolt_hash);
  CHECK(hex(signature.compact) ==
        "8d3ce9e28357337f62da0162d9454df827f83cfe499aeb1c1db349d4d81127425e434ca29929406c23bba1ae8ac6ca32880b38d4bf6ff874024cac34ba"
        "9625f1");
  CHECK(signature.recovery_id == 1);
  CHECK(recover(signature, bolt_hash) == public_key(key));
  CHECK(verify(public_key(key), signature.compact, bolt_hash, HighS::refuse));
}

TEST_CASE("a high S recovers the same key, and verifies only if the caller accepts it") {
  const auto key = bolt_key();
  const auto low = sign_recoverable(key, bolt_hash);
  const auto high = other_s(low);
  CHECK_FALSE(has_high_s(low.compact));
  CHECK(has_high_s(high.compact));
  CHECK(recover(high, bolt_hash) == public_key(key));
  CHECK(verify(public_key(key), high.compact, bolt_hash, HighS::accept));
  CHECK_FALSE(verify(public_key(key), high.compact, bolt_hash, HighS::refuse));
}

TEST_CASE("half the group order is the largest low S") {
  CompactSignature signature{};
  const auto half = *hex_decode("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0");
  std::copy(half.begin(), half.end(), signature.begin() + 32);
  CHECK_FALSE(has_high_s(signature));
  ++signature[63];
  CHECK(has_high_s(signature));
}

TEST_CASE("a secret key outside the range is rejected") {
  CHECK_FALSE(SecretKey::from(Bytes32{}).has_value());
  CHECK_FALSE(SecretKey::from(*hex_decode32(order_hex)).has_value());
  Bytes32 one{};
  one[31] = 1;
  REQUIRE(SecretKey::from(one).has_value());
  CHECK(hex(public_key(*SecretKey::from(one)).bytes) == "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");
}

TEST_CASE("a public key must be on the curve") {
  CHECK(is_valid(public_key(bolt_key())));
  CHECK_FALSE(is_valid(PublicKey{}));
  auto uncompressed = public_key(bolt_key());
  uncompressed.bytes[0] = 4;
  CHECK_FALSE(is_valid(uncompressed));
  PublicKey beyond_field;
  beyond_field.bytes.fill(0xff);
  beyond_field.bytes[0] = 2;
  CHECK_FALSE(is_valid(beyond_field));
}

TEST_CASE("impossible signatures are rejected") {
  auto signature = sign_recoverable(bolt_key(), bolt_hash);
  signature.recovery_id = 4;
  CHECK_FALSE(recover(signature, bolt_hash).has_value());
  CHECK_FALSE(recover({}, bolt_hash).has_value());
  RecoverableSignature all_ones;
  all_ones.compact.fill(0xff);
  CHECK_FALSE(recover(all_ones, bolt_hash).has_value());
  CHECK_FALSE(verify(public_key(bolt_key()), all_ones.compact, bolt_hash, HighS::accept));
  CHECK_FALSE(verify(PublicKey{}, sign_recoverable(bolt_key(), bolt_hash).compact, bolt_hash, HighS::accept));
}

TEST_CASE("signatures of many hashes recover to their key and have low S") {
  auto hash = bolt_hash;
  const auto key = bolt_key();
  for (int i = 0; i < 50; ++i) {
    hash = sha256(hash);
    const auto signature = sign_recoverable(key, hash);
    CHECK_FALSE(has_high_s(signature.compact));
    CHECK(recover(signature, hash) == public_key(key));
    CHECK(recover(signature, sha256(hash)) != public_key(key));
  }
}

}  // namespace secp256k1_test
