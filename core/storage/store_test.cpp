// Reads that fail in part.
#include "core/storage/store.hpp"

#include <doctest/doctest.h>

namespace lntpay::store_test {
namespace {

/// What get_each of two rows yields when the read of both fails, and those of each row have these replies: "row missing", or the
/// error's code.
std::string each_of(Reply first, Reply second) {
  Seam seam(UnixMillis{1});
  Store store(seam);
  auto task = store.get_each({"a", "b"});
  task.start(seam);
  REQUIRE(seam.take_effects().size() == 1);
  std::vector<Reply> together;
  together.emplace_back(Failed{"of one of them"});
  seam.answer(UnixMillis{2}, std::move(together));
  REQUIRE(seam.take_effects().size() == 2);
  std::vector<Reply> apart;
  apart.push_back(std::move(first));
  apart.push_back(std::move(second));
  seam.answer(UnixMillis{3}, std::move(apart));
  const auto read = std::move(task.value());
  REQUIRE(read.has_value());
  if (!*read) return (*read).error().message;
  std::string text;
  for (const auto& row : **read) text += !row ? "damaged " : *row ? "row " : "missing ";
  return text;
}

Reply a_row() { return Entries{{Entry{"a", "1|x", 1}}}; }
Reply no_row() { return Entries{{std::nullopt}}; }
Reply damaged() { return Failed{std::string(unreadable_row)}; }

}  // namespace

TEST_CASE("a damaged row fails alone") {
  CHECK(each_of(a_row(), damaged()) == "row damaged ");
  CHECK(each_of(damaged(), no_row()) == "damaged missing ");
  CHECK(each_of(damaged(), damaged()) == "the store reported: of one of them");
}

TEST_CASE("a store that fails is not taken for a damaged row") {
  CHECK(each_of(a_row(), Failed{"the disk is full"}) == "the store reported: the disk is full");
}

}  // namespace lntpay::store_test
