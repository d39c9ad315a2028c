// Secrets: moved, wiped, compared in constant time.
#include "core/base/secret.hpp"

#include <doctest/doctest.h>

#include <array>
#include <type_traits>

namespace secret_test {
using namespace lntpay;

static_assert(!std::is_copy_constructible_v<Secret>);
static_assert(!std::is_copy_assignable_v<Secret>);

TEST_CASE("a moved-from secret is empty") {
  Secret first = Secret::copy_of("swordfish");
  Secret second = std::move(first);
  CHECK(second.reveal_text() == "swordfish");
  CHECK(first.empty());  // NOLINT(bugprone-use-after-move): the contract: it is empty
  first = std::move(second);
  CHECK(first.reveal_text() == "swordfish");
  CHECK(to_string(first) == "***");
}

TEST_CASE("wiping overwrites every byte") {
  std::array<std::uint8_t, 4> bytes{1, 2, 3, 4};
  wipe(bytes);
  CHECK(bytes == std::array<std::uint8_t, 4>{});
  std::string text = "swordfish";
  const char* const first = text.data();
  wipe(text);
  CHECK(text.empty());
  CHECK(std::string_view{first, 9} == std::string_view{"\0\0\0\0\0\0\0\0\0", 9});
}

TEST_CASE("constant_time_equal finds any different bit and any other length") {
  for (std::size_t size = 0; size <= 70; ++size) {
    const Bytes one(size, 0x5a);
    CHECK(constant_time_equal(one, Bytes(size, 0x5a)));
    CHECK_FALSE(constant_time_equal(one, Bytes(size + 1, 0x5a)));
    for (std::size_t bit = 0; bit < size * 8; ++bit) {
      auto other = one;
      other[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
      if (constant_time_equal(one, other)) CHECK_MESSAGE(false, "bit ", bit, " of ", size, " bytes");
    }
  }
}

TEST_CASE("secrets are equal when all their bytes are") {
  CHECK(Secret::copy_of("a") == Secret::copy_of("a"));
  CHECK_FALSE(Secret::copy_of("a") == Secret::copy_of("b"));
  CHECK_FALSE(Secret::copy_of("a") == Secret::copy_of("aa"));
  CHECK(Secret{} == Secret{});
  CHECK(Secret::copy_of("a").clone() == Secret::copy_of("a"));
}

}  // namespace secret_test
