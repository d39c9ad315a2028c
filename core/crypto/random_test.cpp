// The random generator: reproducible, separate by purpose, unbiased.
#include "core/crypto/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "core/base/encoding.hpp"

namespace random_test {
using namespace lntpay;

TEST_CASE("the same entropy and purpose give the same values everywhere") {
  Random random{{1, 2, 3, 4}, "test"};
  CHECK(hex(random.bytes32()) == "2b9d2294727760f01e3b3a2c081ac00cdacdc999905ac89595ee7de833aa21fd");
  CHECK(random.base62(10) == "Ki1b8HVTQK");
  CHECK(random.below(1'000'000) == 344'076);
  const Bytes32 entropy{0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 4};
  const std::array<std::uint8_t, 8> first{};
  CHECK(Random{{1, 2, 3, 4}}.bytes32() == hmac_sha256(entropy, first));
}

TEST_CASE("another purpose or entropy gives other values") {
  const auto first = [](std::array<std::uint64_t, 4> entropy, std::string_view purpose) {
    return Random{entropy, purpose}.bytes32();
  };
  const auto reference = first({1, 2, 3, 4}, "a");
  CHECK(first({1, 2, 3, 4}, "b") != reference);
  CHECK(first({1, 2, 3, 4}, "") != reference);
  CHECK(first({2, 1, 3, 4}, "a") != reference);
  CHECK(first({1, 2, 3, 4 | 1ULL << 63}, "a") != reference);
}

TEST_CASE("reading the stream in pieces gives the same bytes") {
  Random whole{{5, 6, 7, 8}};
  Random pieces{{5, 6, 7, 8}};
  std::array<std::uint8_t, 100> expected{};
  std::array<std::uint8_t, 100> read{};
  whole.fill(expected);
  const std::span out{read};
  for (std::size_t at = 0, size = 1; at < out.size(); at += size++) pieces.fill(out.subspan(at, std::min(size, out.size() - at)));
  CHECK(read == expected);
}

TEST_CASE("bounded values are below the bound and uniform") {
  Random random{{9, 9, 9, 9}};
  CHECK(random.below(1) == 0);
  std::array<int, 6> counts{};
  for (int i = 0; i < 6'000; ++i) ++counts[static_cast<std::size_t>(random.below(6))];
  for (const int count : counts) {
    CHECK(count > 850);
    CHECK(count < 1'150);
  }
  for (int i = 0; i < 100; ++i) CHECK(random.below((1ULL << 63) + 1) <= 1ULL << 63);
}

TEST_CASE("base62 digits are uniform") {
  Random random{{3, 1, 4, 1}};
  std::array<int, 128> counts{};
  for (const char digit : random.base62(62'000)) ++counts[static_cast<unsigned char>(digit)];
  int seen = 0;
  for (const int count : counts) {
    if (count == 0) continue;
    ++seen;
    CHECK(count > 850);
    CHECK(count < 1'150);
  }
  CHECK(seen == 62);
}

}  // namespace random_test
