// The row codec: round trips and rejections.
#include "core/storage/row.hpp"

#include <doctest/doctest.h>

#include <array>

namespace lntpay {

enum class Fruit : std::uint8_t { apple, pear };
template <>
inline constexpr auto enum_names<Fruit> = std::to_array<std::string_view>({"apple", "pear"});

namespace {

struct Basket {
  static constexpr int row_version = 3;
  std::string owner;
  std::uint64_t count = 0;
  std::int64_t change = 0;
  bool ripe = false;
  Fruit fruit{};
  std::optional<UnixMillis> sold_at;
  Bytes32 seal{};
  std::vector<Fruit> rest;

  auto fields(this auto& self) {
    return std::tie(self.owner, self.count, self.change, self.ripe, self.fruit, self.sold_at, self.seal, self.rest);
  }
};

Basket full() {
  return {.owner = "a|b\\c\nd",
          .count = UINT64_MAX,
          .change = INT64_MIN,
          .ripe = true,
          .fruit = Fruit::pear,
          .sold_at = UnixMillis{7},
          .seal = {1},
          .rest = {Fruit::apple, Fruit::pear}};
}

const std::string zeros(62, '0');

struct Labeled {
  static constexpr int row_version = 4;
  static constexpr row::Earlier earlier_rows[] = {{.version = 2, .fields = 1}, {.version = 3, .fields = 2}};
  std::string owner;
  std::uint64_t count = 7;
  std::string label;
  auto fields(this auto& self) { return std::tie(self.owner, self.count, self.label); }
};

}  // namespace

TEST_CASE("a row with a time after the year 9999 is no row") {
  auto basket = full();
  basket.sold_at = unix_millis_max;
  CHECK(from_row<Basket>(to_row(basket)).has_value());
  basket.sold_at->value += 1;
  CHECK_FALSE(from_row<Basket>(to_row(basket)).has_value());
}

TEST_CASE("a record is one readable line") {
  CHECK(to_row(full()) == "3|a\\pb\\\\c\\nd|18446744073709551615|-9223372036854775808|1|pear|7|01" + zeros + "|apple,pear");
  CHECK(to_row(Basket{}) == "3||0|0|0|apple||00" + zeros + "|");
}

TEST_CASE("a record round-trips through its row") {
  for (const auto& basket : {full(), Basket{}}) {
    const auto read = from_row<Basket>(to_row(basket));
    REQUIRE(read.has_value());
    CHECK(to_row(*read) == to_row(basket));
  }
}

TEST_CASE("text that is not such a row is rejected") {
  const auto row = to_row(full());
  for (const auto& text :
       {std::string(), std::string("2") + row.substr(1), row + "|", row + "|x", row.substr(0, row.rfind('|')),
        std::string("3|a\\x|1|1|1|pear|7|01") + zeros + "|", std::string("3|a|1|1|2|pear|7|01") + zeros + "|",
        std::string("3|a|1|1|1|fig|7|01") + zeros + "|", std::string("3|a|-1|1|1|pear|7|01") + zeros + "|",
        std::string("3|a|18446744073709551616|1|1|pear|7|01") + zeros + "|", std::string("3|a|1|1|1|pear|7|01|")}) {
    CAPTURE(text);
    CHECK_FALSE(from_row<Basket>(text).has_value());
  }
}

TEST_CASE("an earlier form of a row is read, and the fields after it keep their defaults") {
  const auto read = [](std::string_view text) {
    const auto record = from_row<Labeled>(text);
    return record ? to_row(*record) : "none";
  };
  CHECK(read("2|a") == "4|a|7|");
  CHECK(read("3|a|1") == "4|a|1|");
  CHECK(read("4|a|1|x") == "4|a|1|x");
  for (const auto* text : {"1|a", "2|a|1", "3|a", "3|a|1|x", "3|a|x", "4|a|1", "5|a|1|x"}) CHECK(read(text) == "none");
}

}  // namespace lntpay
