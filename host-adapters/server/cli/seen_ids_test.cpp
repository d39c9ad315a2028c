// Each id once, whatever the table's size.
#include "host-adapters/server/cli/seen_ids.hpp"

#include <doctest/doctest.h>

#include "core/crypto/sha256.hpp"

namespace seen_ids_test {
using namespace lntpay;
using namespace lntpay::host;

TEST_CASE("an id is new only once, also after the table grew") {
  SeenIds seen;
  const auto id = [](int i) { return sha256(bytes_of(std::to_string(i))); };
  for (int i = 0; i < 20'000; ++i) {
    REQUIRE(seen.insert(id(i)));
    REQUIRE_FALSE(seen.insert(id(i / 2)));
  }
  for (int i = 0; i < 20'000; ++i) REQUIRE_FALSE(seen.insert(id(i)));
  CHECK(seen.insert(id(20'000)));
  CHECK(seen.bytes() <= 20'000UL * 16 * 8 / 3);
}

TEST_CASE("the zero id is valid, and ids with equal prefixes are distinct") {
  SeenIds seen;
  Bytes32 id{};
  CHECK(seen.insert(id));
  CHECK_FALSE(seen.insert(id));
  for (std::size_t byte = 0; byte < 16; ++byte) {
    id = {};
    id[byte] = 7;
    CHECK(seen.insert(id));
    CHECK_FALSE(seen.insert(id));
  }
}

}  // namespace seen_ids_test
