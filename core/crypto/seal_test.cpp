// Sealing: the one way to open a sealed text, and all the ways that must fail.
#include "core/crypto/seal.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "core/base/encoding.hpp"
#include "core/crypto/sha256.hpp"

namespace seal_test {
using namespace lntpay;

namespace {

SealKey key(std::string id, std::uint8_t fill) {
  Bytes32 bytes;
  bytes.fill(fill);
  return {std::move(id), bytes};
}

bool opens(Keyring ring, std::string_view context, std::string_view sealed, std::string_view plaintext) {
  const auto secret = open(ring, context, sealed);
  return secret.has_value() && secret->reveal_text() == plaintext;
}

}  // namespace

TEST_CASE("a sealed secret opens only with its context and key") {
  const std::vector ring{key("k1", 1)};
  const auto sealed = seal(ring, "charge ch_1 preimage", bytes_of("swordfish"));
  CHECK(sealed_under(sealed) == "k1");
  CHECK(opens(ring, "charge ch_1 preimage", sealed, "swordfish"));
  CHECK_FALSE(open(ring, "charge ch_2 preimage", sealed).has_value());
  CHECK_FALSE(open(ring, "", sealed).has_value());
  CHECK_FALSE(open(std::vector{key("k1", 2)}, "charge ch_1 preimage", sealed).has_value());
  CHECK_FALSE(open(std::vector{key("k2", 1)}, "charge ch_1 preimage", sealed).has_value());
  CHECK_FALSE(open(Keyring{}, "charge ch_1 preimage", sealed).has_value());
}

TEST_CASE("after a rotation the new key seals and the old one still opens") {
  const std::vector before{key("2025", 1)};
  const std::vector after{key("2026", 2), key("2025", 1)};
  const auto old_text = seal(before, "here", bytes_of("old"));
  const auto new_text = seal(after, "here", bytes_of("new"));
  CHECK(sealed_under(new_text) == "2026");
  CHECK(opens(after, "here", old_text, "old"));
  CHECK(opens(after, "here", new_text, "new"));
  CHECK_FALSE(open(before, "here", new_text).has_value());
}

TEST_CASE("a sealed text with a changed, dropped or added character does not open") {
  const std::vector ring{key("k1", 1)};
  const auto sealed = seal(ring, "here", bytes_of("swordfish"));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto changed = sealed;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    CHECK_FALSE(open(ring, "here", changed).has_value());
    CHECK_FALSE(open(ring, "here", std::string_view{sealed}.substr(0, i)).has_value());
  }
  CHECK_FALSE(open(ring, "here", sealed + "A").has_value());
  for (const auto bad : {"", ".", "k1", "k1.", ".k1", "k1.AAAA"}) CHECK_FALSE(open(ring, "here", bad).has_value());
}

TEST_CASE("different plaintexts or contexts have different nonces") {
  const std::vector ring{key("k", 7)};
  const auto nonce = [&](std::string_view context, std::string_view text) {
    return seal(ring, context, bytes_of(text)).substr(0, 2 + 32);
  };
  CHECK(nonce("a", "b") == nonce("a", "b"));
  CHECK(nonce("a", "b") != nonce("a", "c"));
  CHECK(nonce("a", "b") != nonce("b", "b"));
  CHECK(nonce("ab", "c") != nonce("a", "bc"));
}

TEST_CASE("empty and long secrets round-trip") {
  const std::vector ring{key("k", 7)};
  for (const std::size_t size : {0U, 1U, 63U, 64U, 65U, 5000U}) {
    const std::string text(size, 'x');
    CHECK(opens(ring, "here", seal(ring, "here", bytes_of(text)), text));
  }
}

TEST_CASE("the sealed format does not change") {
  const std::vector ring{key("k1", 1)};
  CHECK(seal(ring, "here", bytes_of("swordfish")) == "k1.cxT8uA09c0Hu2-uKTfFWPXuKHVwwbWtSZhTMXeBWIB8JvhgIa1OeTTcLQxX3Q_Sukw");
}

}  // namespace seal_test
