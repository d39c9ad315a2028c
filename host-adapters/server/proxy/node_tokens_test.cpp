// The node-proxy's tokens: generated once, kept, and matched with an Authorization.
#include "host-adapters/server/proxy/node_tokens.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "tests/support/host/temp_folder.hpp"

namespace node_tokens_test {
using namespace lntpay::host;
using lntpay::test::TempFolder;
namespace fs = std::filesystem;

namespace {

const Upstreams both{{"lnd-receive", {}}, {"lnd-pay", {}}};

}  // namespace

TEST_CASE("tokens are generated once and kept; a deleted one is replaced") {
  const TempFolder folder;
  const auto first = node_proxy_tokens(folder.path(), both).value();
  CHECK(first.at("lnd-receive").starts_with(node_proxy_token_begins));
  CHECK(first.at("lnd-receive") != first.at("lnd-pay"));
  CHECK(fs::status(folder.path() / "pay.token").permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  CHECK(node_proxy_tokens(folder.path(), both).value() == first);
  fs::remove(folder.path() / "pay.token");
  const auto second = node_proxy_tokens(folder.path(), both).value();
  CHECK(second.at("lnd-receive") == first.at("lnd-receive"));
  CHECK(second.at("lnd-pay") != first.at("lnd-pay"));
}

TEST_CASE("a token file that others can read, or without a token, is refused") {
  const TempFolder folder;
  REQUIRE(node_proxy_tokens(folder.path(), both));
  fs::permissions(folder.path() / "pay.token", fs::perms::others_read, fs::perm_options::add);
  CHECK(node_proxy_tokens(folder.path(), both).error().contains("chmod 600"));
  fs::permissions(folder.path() / "pay.token", fs::perms::others_read, fs::perm_options::remove);
  std::ofstream(folder.path() / "pay.token") << "lnp_short\n";
  CHECK(node_proxy_tokens(folder.path(), both).error().contains("contains no token"));
}

TEST_CASE("an Authorization opens the upstream of its token") {
  const NodeProxyTokens tokens{{"lnd-receive", "lnp_a"}, {"lnd-pay", "lnp_b"}};
  CHECK(upstream_of(tokens, "Bearer lnp_a") == "lnd-receive");
  CHECK(upstream_of(tokens, "Bearer lnp_b") == "lnd-pay");
  CHECK(upstream_of(tokens, "bearer lnp_b") == "lnd-pay");
  for (const auto* other : {"", "lnp_a", "Bearer ", "Bearer lnp_", "Bearer lnp_a lnp_b", "Basic lnp_a"})
    CHECK(upstream_of(tokens, other).empty());
}

}  // namespace node_tokens_test
