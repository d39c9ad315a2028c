// Shards and ids.
#include "core/storage/shard.hpp"

#include <doctest/doctest.h>

#include <set>

namespace lntpay::shard_test {

TEST_CASE("a shard's digits sort like its number") {
  CHECK(Shard::number(0).text() == "00");
  CHECK(Shard::number(61).text() == "0z");
  CHECK(Shard::number(62).text() == "10");
  CHECK(Shard::number(shard_count - 1).text() == "zz");
  for (unsigned n = 1; n < shard_count; ++n) CHECK(Shard::number(n - 1).text() < Shard::number(n).text());
  CHECK_FALSE(Shard::parse("0").has_value());
  CHECK_FALSE(Shard::parse("0-").has_value());
  CHECK_FALSE(Shard::parse("000").has_value());
}

TEST_CASE("a payment hash's shard is its first 16 bits modulo 3844") {
  Bytes32 hash{};
  hash[0] = 0x0f;
  hash[1] = 0x04;
  CHECK(Shard::of_hash(hash) == Shard::number(0));
  hash[1] = 0x05;
  CHECK(Shard::of_hash(hash) == Shard::number(1));
}

TEST_CASE("workspaces get every shard except 00") {
  Random random({1, 2, 3, 4});
  std::set<std::string> generated;
  for (int i = 0; i < 60'000; ++i) generated.insert(std::string(Shard::generate(random).text()));
  CHECK(generated.size() == shard_count - 1);
  CHECK_FALSE(generated.contains("00"));
}

TEST_CASE("ids contain their shard, sort by time, and round-trip") {
  Random random({1, 2, 3, 4});
  const auto shard = Shard::number(77);
  const auto early = ChargeId::generate(shard, {1'700'000'000'000}, random);
  const auto late = ChargeId::generate(shard, {1'700'000'000'001}, random);
  CHECK(early < late);
  CHECK(early.shard() == shard);
  CHECK(early.text().size() == 31);
  CHECK(ChargeId::parse(early.text()) == early);
  CHECK_FALSE(EventId::parse(early.text()).has_value());
  CHECK_FALSE(ChargeId::parse(early.text().substr(1)).has_value());
  CHECK_FALSE(ChargeId::parse(early.text() + "0").has_value());
  auto odd = early.text();
  odd.back() = 'U';  // not in Crockford's alphabet
  CHECK_FALSE(ChargeId::parse(odd).has_value());
}

}  // namespace lntpay::shard_test
