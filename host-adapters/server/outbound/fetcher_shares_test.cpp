// The shares of workspaces in exchanges and lookups.
#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/host/dns_server.hpp"
#include "tests/support/host/fetcher_world.hpp"

namespace fetcher_shares_test {
using namespace lntpay;
using namespace lntpay::host;
using namespace lntpay::host::testing;

TEST_CASE("a workspace over its share is not tried, another one is") {
  OneShotServer silent("", true);
  Metrics metrics;
  Replies replies;
  const std::vector<std::string> over{"not tried: the workspace has its share of the host's exchanges open"};
  {
    Fetcher fetcher(allow_all, metrics, {.exchanges_max = 20}, loopback);
    for (int i = 0; i < 9; ++i) replies.begin(fetcher, post_of("ws_a", silent.url("shop.example")));
    while (replies.so_far().empty()) std::this_thread::yield();
    CHECK(metrics.fetches_open.value() == 8);
    for (int i = 0; i < 8; ++i) replies.begin(fetcher, post_of("ws_b", silent.url("shop.example")));
    for (int i = 0; i < 4; ++i) replies.begin(fetcher, post(silent.url("shop.example")));
    while (metrics.fetches_open.value() < 20) std::this_thread::yield();
    CHECK(replies.so_far() == over);
    CHECK(text(exchange(fetcher, post_of("ws_c", silent.url("shop.example")))) ==
          "not tried: the host has too many exchanges open");
    CHECK(text(exchange(fetcher, post(silent.url("shop.example")))) == "not tried: the host has too many exchanges open");
    CHECK(metrics.fetches_not_tried.value() == 3);
    CHECK(metrics.fetches_failed.value() == 0);
  }
  CHECK(replies.so_far().size() == 21);
  CHECK(metrics.fetches_open.value() == 0);
}

TEST_CASE("an exchange gives its share back when it ends") {
  OneShotServer server("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
  Metrics metrics;
  Fetcher fetcher(allow_all, metrics, {.exchanges_max = 1}, loopback);
  for (int i = 0; i < 3; ++i) CHECK(text(exchange(fetcher, post_of("ws_a", server.url("shop.example")))) == "answered 200 ");
  CHECK(text(exchange(fetcher, post_of("ws_a", "http://127.0.0.1:1/"))).starts_with("not sent"));
  CHECK(metrics.fetches_open.value() == 0);
  CHECK(metrics.fetches_not_tried.value() == 0);
}

TEST_CASE("an exchange holds its share while its name is resolved") {
  Metrics metrics;
  Replies replies;
  {
    Fetcher fetcher(allow_all, metrics, {.exchanges_max = 2}, [] { return std::make_unique<SilentResolver>(); });
    for (int i = 0; i < 2; ++i) replies.begin(fetcher, post_of("ws_a", "http://slow.example/"));
    CHECK(text(exchange(fetcher, post_of("ws_b", "http://shop.example/"))) == "not tried: the host has too many exchanges open");
  }
  CHECK(replies.so_far() == std::vector<std::string>(2, "not tried: the host is stopping"));
}

TEST_CASE("endpoints with a silent name server delay no other workspace") {
  DnsServer names([](const std::string& name, const std::string& type) -> std::optional<DnsAnswer> {
    if (name.ends_with("slow.example")) return std::nullopt;
    return type == "A" ? DnsAnswer{{"127.0.0.1"}} : DnsAnswer{};
  });
  OneShotServer server("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
  Metrics metrics;
  Replies slow;
  {
    Fetcher fetcher(allow_all, metrics, {},
                    [&] { return std::make_unique<DnsResolver>(DnsOptions{.name_servers = names.address()}); });
    for (int i = 0; i < 40; ++i) slow.begin(fetcher, post_of("ws_a", server.url(std::to_string(i % 20) + ".slow.example")));
    for (int i = 0; i < 41; ++i) CHECK(text(exchange(fetcher, post_of("ws_b", server.url("shop.example")))) == "answered 200 ");
    CHECK(slow.so_far().empty());
  }
  CHECK(slow.so_far() == std::vector<std::string>(40, "not tried: the host is stopping"));
}

TEST_CASE("a lookup that the host has no capacity for is not tried") {
  Metrics metrics;
  Fetcher fetcher(allow_all, metrics, {}, resolve_by([](const std::string&) -> Resolved {
                    return std::unexpected(LookupError{LookupError::Kind::not_tried, "too many names are being resolved"});
                  }));
  CHECK(text(exchange(fetcher, post("http://shop.example/"))) == "not tried: too many names are being resolved");
}

}  // namespace fetcher_shares_test
