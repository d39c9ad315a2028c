// Objects with secrets leave nothing of them in memory after their destruction: the memory is inspected.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>

#include "core/base/secret.hpp"
#include "core/crypto/random.hpp"
#include "core/crypto/seal.hpp"
#include "core/crypto/secp256k1.hpp"
#include "core/crypto/sha256.hpp"

namespace wiped_test {
using namespace lntpay;

namespace {

constexpr std::string_view sword = "a swordfish in the dark, 32 bytes";

Bytes32 sword_bytes() {
  Bytes32 bytes;
  std::copy_n(sword.begin(), bytes.size(), bytes.begin());
  return bytes;
}

/// Whether the secret is in the object's own memory: during its lifetime, and after its destruction.
struct Found {
  bool before;
  bool after;
  bool operator==(const Found&) const = default;
};
constexpr Found wiped{true, false};

template <class T>
Found check(const std::function<T*(void*)>& make, ByteView secret) {
  alignas(T) std::array<std::uint8_t, sizeof(T)> memory{};
  const auto holds = [&] {
    asm volatile("" : : "r"(memory.data()) : "memory");  // forces a read of the memory
    return !std::ranges::search(memory, secret).empty();
  };
  T* const object = make(memory.data());
  const bool before = holds();
  std::destroy_at(object);
  return {before, holds()};
}

}  // namespace

TEST_CASE("a secret key is wiped on destruction") {
  const auto bytes = sword_bytes();
  CHECK(check<SecretKey>([&](void* at) { return new (at) SecretKey(*SecretKey::from(bytes)); }, bytes) == wiped);
}

TEST_CASE("a moved-from secret key is wiped at once") {
  auto first = *SecretKey::from(sword_bytes());
  auto second = std::move(first);
  CHECK(std::ranges::equal(first.reveal(), Bytes32{}));  // NOLINT(bugprone-use-after-move): the contract: it is wiped
  CHECK(std::ranges::equal(second.reveal(), sword_bytes()));
  auto third = *SecretKey::from(sword_bytes());
  third = std::move(second);
  CHECK(std::ranges::equal(second.reveal(), Bytes32{}));  // NOLINT(bugprone-use-after-move)
}

TEST_CASE("a sealing key is not kept, and its derived state is wiped") {
  const auto bytes = sword_bytes();
  CHECK(check<SealKey>([&](void* at) { return new (at) SealKey("1", bytes); }, bytes) == Found{false, false});
  alignas(SealKey) std::array<std::uint8_t, sizeof(SealKey)> memory{};
  auto* const key = new (memory.data()) SealKey("1", bytes);
  std::array<std::uint8_t, sizeof(HmacSha256)> made;
  std::memcpy(made.data(), &key->nonces, made.size());
  const auto holds = [&] {
    asm volatile("" : : "r"(memory.data()) : "memory");
    return !std::ranges::search(memory, made).empty();
  };
  CHECK(holds());
  std::destroy_at(key);
  CHECK_FALSE(holds());
}

TEST_CASE("an unfinished hash wipes its message") {
  const auto make = [](void* at) {
    auto* const hash = new (at) Sha256;
    hash->update(bytes_of(sword));
    return hash;
  };
  CHECK(check<Sha256>(make, bytes_of(sword)) == wiped);
}

TEST_CASE("an HMAC wipes its padded key") {
  // The inner hash's block contains the message, next to the state of the key.
  const auto make = [](void* at) {
    auto* const hmac = new (at) HmacSha256(bytes_of("key"));
    hmac->update(bytes_of(sword));
    return hmac;
  };
  CHECK(check<HmacSha256>(make, bytes_of(sword)) == wiped);
}

TEST_CASE("a random generator wipes its last block") {
  const auto drawn = Random{{1, 2, 3, 4}}.bytes32();
  const auto make = [](void* at) {
    auto* const random = new (at) Random{{1, 2, 3, 4}};
    (void)random->bytes32();
    return random;
  };
  CHECK(check<Random>(make, drawn) == wiped);
}

}  // namespace wiped_test
