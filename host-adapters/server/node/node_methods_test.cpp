// The table of lnd methods: which requests match, and the permissions in the documentation. That the client makes exactly these
// calls: tests/lnd/client_calls_test.cpp.
#include "host-adapters/server/node/node_methods.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace node_methods_test {
using namespace lntpay::host;

namespace {

std::string permission(std::string_view upstream, std::string_view http_method, std::string_view target) {
  const auto* method = find_node_method(upstream, http_method, target);
  if (method == nullptr) return "none";
  return method->permission.empty() ? "no macaroon" : std::string(method->permission.substr(method->permission.find('/') + 1));
}

}  // namespace

TEST_CASE("a request matches its method, under the macaroon that it needs") {
  const std::string hash(64, 'a');
  CHECK(permission("lnd-receive", "POST", "/v1/invoices") == "AddInvoice");
  CHECK(permission("lnd-receive", "GET", "/v1/invoice/" + hash) == "LookupInvoice");
  CHECK(permission("lnd-receive", "GET", "/v1/invoices/subscribe?settle_index=18446744073709551615") == "SubscribeInvoices");
  CHECK(permission("lnd-receive", "POST", "/v2/invoices/cancel") == "CancelInvoice");
  CHECK(permission("lnd-receive", "GET", "/v1/getinfo") == "GetInfo");
  CHECK(permission("lnd-receive", "GET", "/v1/balance/channels") == "ChannelBalance");
  CHECK(permission("lnd-receive", "GET", "/v1/channels?active_only=true") == "ListChannels");
  CHECK(permission("lnd-receive", "GET", "/v1/graph/edge/495879744192512") == "GetChanInfo");
  CHECK(permission("lnd-receive", "GET", "/v1/state") == "no macaroon");
  CHECK(permission("lnd-pay", "GET", "/v1/getinfo") == "GetInfo");
  CHECK(permission("lnd-pay", "POST", "/v2/router/send") == "SendPaymentV2");
  CHECK(permission("lnd-pay", "GET", "/v2/router/track/5QUWR1adf4XXaX5wNLx09RXbUNrI4n4tGHKYdJyiLpY=") == "TrackPaymentV2");
}

TEST_CASE("other methods, paths, parameters and upstreams match no entry of the table") {
  CHECK(permission("lnd-receive", "POST", "/v2/router/send") == "none");
  CHECK(permission("lnd-pay", "POST", "/v1/invoices") == "none");
  CHECK(permission("webhook", "GET", "/v1/getinfo") == "none");
  CHECK(permission("lnd-receive", "DELETE", "/v1/invoices") == "none");
  CHECK(permission("lnd-receive", "GET", "/v1/invoices") == "none");
  CHECK(permission("lnd-receive", "get", "/v1/getinfo") == "none");
  for (const auto* target : {"/v1/invoice/",
                             "/v1/invoice/a/b",
                             "/v1/invoice/..",
                             "/v1/invoice/%2e%2e",
                             "/v1/invoice/a?r_hash=b",
                             "/v1/invoices/subscribe?add_index=1",
                             "/v1/invoices/subscribe?settle_index=1&add_index=1",
                             "/v1/invoices/subscribe?settle_index=",
                             "/v1/invoices/subscribe?settle_index=-1",
                             "/v1/channels",
                             "/v1/channels?active_only=false",
                             "/v1/channels/",
                             "//v1/getinfo",
                             "/v1/getinfo/",
                             "v1/getinfo",
                             "/v1/getinfo?",
                             "",
                             "/",
                             "/v1/payments",
                             "/v1/channels/transactions",
                             "http://other/v1/getinfo"}) {
    CAPTURE(target);
    const bool is_allowed = std::string_view(target) == "/v1/channels" || std::string_view(target) == "/v1/getinfo?";
    CHECK((permission("lnd-receive", "GET", target) == "none") == !is_allowed);
  }
  CHECK(permission("lnd-receive", "GET", "/v1/invoice/" + std::string(65, 'a')) == "none");
}

TEST_CASE("a probe is a call of its own method") {
  for (const auto& method : node_methods()) {
    if (!method.probe) continue;
    const auto target = target_of(method);
    CAPTURE(target);
    CHECK(method.http_method == (method.probe->body.empty() ? "GET" : "POST"));
    CHECK(find_node_method(method.upstream, method.http_method, target) == &method);
  }
}

TEST_CASE("docs/lnd.md bakes exactly the permissions of the table, each into its macaroon") {
  std::ifstream file("docs/lnd.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto macaroons = text.substr(text.find("## Macaroons"));
  const auto paying = macaroons.find("Paying:");
  REQUIRE(paying != std::string::npos);
  std::size_t named = 0;
  for (std::size_t at = 0; (at = macaroons.find(" uri:/", at)) != std::string::npos; ++at) ++named;
  for (const auto& method : node_methods()) {
    if (method.permission.empty()) continue;
    CAPTURE(method.permission);
    --named;
    const bool pays = method.upstream == "lnd-pay";
    const auto found = macaroons.find(" uri:/" + std::string(method.permission), pays ? paying : 0);
    CHECK((found != std::string::npos && (found > paying) == pays));
  }
  CHECK(named == 0);
}

}  // namespace node_methods_test
