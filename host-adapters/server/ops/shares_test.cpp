// Shares of a capacity.
#include "host-adapters/server/ops/shares.hpp"

#include <doctest/doctest.h>

namespace shares_test {
using namespace lntpay::host;

namespace {

/// Takes until there is no place; how many were taken.
std::size_t take_all(Shares& shares, const std::string& workspace) {
  std::size_t taken = 0;
  for (; shares.has_place_for(workspace); ++taken) shares.take(workspace);
  return taken;
}

}  // namespace

TEST_CASE("a workspace alone holds a fifth of a capacity at most") {
  Shares shares(1'024);
  CHECK(take_all(shares, "ws_a") == 205);
  CHECK(shares.taken() == 205);
}

TEST_CASE("workspaces that take all they can leave room for another one") {
  Shares shares(1'024);
  for (int i = 0; i < 16; ++i) {
    CAPTURE(i);
    CHECK(take_all(shares, "ws_" + std::to_string(i)) >= Shares::share_min);
  }
  CHECK(shares.has_place_for("ws_late"));
}

TEST_CASE("the total limits workspaces and the operator") {
  Shares shares(12);
  CHECK(take_all(shares, "ws_a") == 8);
  CHECK_FALSE(shares.is_full());
  CHECK(take_all(shares, "") == 4);
  CHECK(shares.is_full());
  CHECK_FALSE(shares.has_place_for("ws_b"));
  CHECK_FALSE(shares.has_place_for(""));
}

TEST_CASE("a place that was given back can be taken again") {
  Shares shares(12);
  take_all(shares, "ws_a");
  CHECK_FALSE(shares.has_place_for("ws_a"));
  shares.give_back("ws_a");
  CHECK(shares.held_by("ws_a") == 7);
  CHECK(shares.has_place_for("ws_a"));
  for (int i = 0; i < 7; ++i) shares.give_back("ws_a");
  CHECK(shares.held_by("ws_a") == 0);
  CHECK(shares.taken() == 0);
}

}  // namespace shares_test
