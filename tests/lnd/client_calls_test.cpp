// The requests that the client sends to lnd, against the table of methods that a node-proxy forwards and a macaroon grants.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "core/charge/invoice_stream.hpp"
#include "core/lightning/node/lnd.hpp"
#include "host-adapters/server/node/node_methods.hpp"
#include "tests/support/core_world.hpp"

namespace lntpay::client_calls_test {
namespace {

/// A node with one channel; it refuses every other request.
Reply node_reply(const Outgoing& asked) {
  if (asked.target == "/v1/getinfo")
    return Answered{{200, {}, R"({"identity_pubkey":"02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5"})"}};
  if (asked.target.starts_with("/v1/channels")) {
    return Answered{
        {200, {}, R"({"channels":[{"chan_id":"1","remote_pubkey":"p","remote_balance":"2","remote_chan_reserve_sat":"1"}]})"}};
  }
  return NotSent{"refused in this test"};
}

/// Makes each call of the client; yields the request of the invoice stream, which the host sends.
Task<Result<Outgoing>> make_each_call(Context& cx) {
  LndNode node(cx);
  co_await attempt(node.add_invoice({.amount = 5_sat, .description = std::string("coffee"), .expiry_s = 600}));
  co_await attempt(node.lookup(Bytes32{1}));
  co_await attempt(node.cancel(Bytes32{1}));
  co_await attempt(node.identity());
  co_await attempt(node.send_payment({.bolt11 = "lnbcrt1x"}));
  co_await attempt(node.look_up_payment(Bytes32{1}));
  co_await attempt(node.route_fee({}, 5_sat));
  co_await attempt(node.funds());
  co_await node.state();
  co_await node.receivable();
  auto stream = co_await open_invoice_stream(cx);
  co_return std::move(*stream);
}

std::vector<Outgoing> requests_of_the_client() {
  test::CoreWorld world;
  world.settings.live_node = true;
  world.receiver = node_reply;
  auto stream = world.must(make_each_call);
  auto requests = std::move(world.sent);
  requests.push_back(std::move(stream));
  return requests;
}

/// The literal with which each target of a request to lnd begins in the sources of core.
std::vector<std::string> targets_in_sources() {
  std::vector<std::string> targets;
  for (const auto& file : std::filesystem::recursive_directory_iterator("core")) {
    const auto path = file.path().string();
    if (!path.ends_with(".cpp") || path.ends_with("_test.cpp")) continue;
    std::ifstream in(path);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    constexpr std::string_view call = "lnd::request_for(";
    for (auto at = text.find(call); at != std::string::npos; at = text.find(call, at + call.size())) {
      const auto begin = text.find('"', at) + 1;
      targets.push_back(text.substr(begin, text.find('"', begin) - begin));
    }
  }
  return targets;
}

}  // namespace

TEST_CASE("every request of the client is a method of the table, and the table has no others") {
  std::set<const host::NodeMethod*> called;
  for (const auto& request : requests_of_the_client()) {
    CAPTURE(request.target);
    const auto* method = host::find_node_method(request.upstream, request.method, request.target);
    CHECK(method != nullptr);
    called.insert(method);
  }
  for (const auto& method : host::node_methods()) {
    CAPTURE(method.path);
    const bool by_doctor_alone = method.permission.empty();
    CHECK(called.contains(&method) == !by_doctor_alone);
  }
}

TEST_CASE("the test above makes every call that the sources of core contain") {
  const auto requests = requests_of_the_client();
  const auto targets = targets_in_sources();
  CHECK_FALSE(targets.empty());
  for (const auto& target : targets) {
    CAPTURE(target);
    CHECK(std::ranges::any_of(requests, [&](const Outgoing& request) { return request.target.starts_with(target); }));
  }
}

}  // namespace lntpay::client_calls_test
