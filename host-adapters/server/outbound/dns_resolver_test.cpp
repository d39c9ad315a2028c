// The DNS resolver against a scripted name server.
#include "host-adapters/server/outbound/dns_resolver.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <future>

#include "tests/support/host/dns_server.hpp"

namespace dns_resolver_test {
using namespace lntpay::host;
using namespace std::chrono_literals;
using testing::DnsAnswer;
using testing::DnsServer;

namespace {

std::future<Resolved> ask(Resolver& resolver, const std::string& name) {
  auto done = std::make_shared<std::promise<Resolved>>();
  auto resolved = done->get_future();
  resolver.resolve(name, [done](Resolved each) { done->set_value(std::move(each)); });
  return resolved;
}

std::string text(const Resolved& resolved) {
  if (!resolved)
    return (resolved.error().kind == LookupError::Kind::not_tried ? "not tried: " : "failed: ") + resolved.error().reason;
  std::string all;
  for (const auto& each : *resolved) all += (all.empty() ? "" : " ") + each;
  return all;
}

std::string text(Resolver& resolver, const std::string& name) { return text(ask(resolver, name).get()); }

/// Two addresses for every name.
std::optional<DnsAnswer> both(const std::string&, const std::string& type) {
  return DnsAnswer{{type == "A" ? "192.0.2.1" : "2001:db8::1"}};
}
std::optional<DnsAnswer> silent(const std::string&, const std::string&) { return std::nullopt; }

}  // namespace

TEST_CASE("a name resolves to its IPv6 and IPv4 addresses") {
  DnsServer server(both);
  DnsResolver resolver({.name_servers = server.address()});
  CHECK(text(resolver, "shop.example") == "2001:db8::1 192.0.2.1");
}

TEST_CASE("a name with addresses of one family resolves to these") {
  DnsServer server([](auto&, const std::string& type) {
    return type == "A" ? DnsAnswer{{"192.0.2.1", "192.0.2.2", "192.0.2.1"}} : DnsAnswer{};
  });
  DnsResolver resolver({.name_servers = server.address()});
  CHECK(text(resolver, "shop.example") == "192.0.2.1 192.0.2.2");
}

TEST_CASE("literals and names of this machine need no name server") {
  DnsServer server(silent);
  DnsResolver resolver({.name_servers = server.address()});
  CHECK(text(resolver, "127.0.0.1") == "127.0.0.1");
  CHECK(text(resolver, "127.1") == "127.0.0.1");
  CHECK(text(resolver, "0x7f000001") == "127.0.0.1");
  CHECK(text(resolver, "::1") == "::1");
  CHECK(text(resolver, "::ffff:10.0.0.1") == "::ffff:10.0.0.1");
  CHECK(text(resolver, "localhost").contains("127.0.0.1"));
  CHECK(text(resolver, "LOCALHOST").contains("127.0.0.1"));
  CHECK(server.questions().empty());
}

TEST_CASE("the reason of a failed lookup is the name server's") {
  DnsServer server([](const std::string& name, const std::string& type) -> std::optional<DnsAnswer> {
    if (name == "empty.example") return DnsAnswer{};
    if (name == "half.example" && type == "A") return DnsAnswer{};
    if (name == "gone.example") return DnsAnswer{.code = 3};
    return DnsAnswer{.code = 2};
  });
  DnsResolver resolver({.name_servers = server.address()});
  CHECK(text(resolver, "empty.example") == "failed: the name has no address");
  CHECK(text(resolver, "gone.example") == "failed: the name does not exist");
  CHECK(text(resolver, "broken.example") == "failed: no name server could answer");
  CHECK(text(resolver, "half.example") == "failed: no name server could answer");
  CHECK(text(resolver, "a..b") == "failed: Misformatted domain name");
}

TEST_CASE("questions for a name join its lookup") {
  std::promise<void> asked_all;
  auto all = asked_all.get_future().share();
  DnsServer server([all](const std::string& name, const std::string& type) {
    all.wait();
    return both(name, type);
  });
  DnsResolver resolver({.name_servers = server.address()});
  std::vector<std::future<Resolved>> joined;
  for (int i = 0; i < 20; ++i) joined.push_back(ask(resolver, i % 2 == 0 ? "shop.example" : "Shop.Example"));
  std::this_thread::sleep_for(50ms);
  asked_all.set_value();
  for (auto& each : joined) CHECK(text(each.get()) == "2001:db8::1 192.0.2.1");
  CHECK(server.count("A shop.example") == 1);
  CHECK(server.count("AAAA shop.example") == 1);
}

TEST_CASE("a silent name server ends its lookup and delays no other name") {
  DnsServer server([](const std::string& name, const std::string& type) {
    return name.ends_with("slow.example") ? std::nullopt : both(name, type);
  });
  DnsResolver resolver({.name_servers = server.address(), .budget = 1s});
  std::vector<std::future<Resolved>> slow;
  for (int i = 0; i < 100; ++i) slow.push_back(ask(resolver, std::to_string(i) + ".slow.example"));
  CHECK(text(resolver, "shop.example") == "2001:db8::1 192.0.2.1");
  CHECK(slow.front().wait_for(0s) == std::future_status::timeout);
  for (auto& each : slow) CHECK(text(each.get()) == "failed: the name server did not answer in 1 s");
}

TEST_CASE("the addresses of one family are enough when the other is silent") {
  DnsServer server([](const std::string& name, const std::string& type) { return type == "A" ? both(name, type) : std::nullopt; });
  DnsResolver resolver({.name_servers = server.address(), .budget = 200ms});
  CHECK(text(resolver, "shop.example") == "192.0.2.1");
}

TEST_CASE("a lost query is retried within the budget") {
  std::atomic<int> questions{0};
  DnsServer server(
      [&](const std::string& name, const std::string& type) { return ++questions > 2 ? both(name, type) : std::nullopt; });
  DnsResolver resolver({.name_servers = server.address()});
  CHECK(text(resolver, "shop.example") == "2001:db8::1 192.0.2.1");
}

TEST_CASE("the next name server is asked when one is silent") {
  DnsServer first(silent);
  DnsServer second(both);
  DnsResolver resolver({.name_servers = first.address() + "," + second.address()});
  CHECK(text(resolver, "shop.example") == "2001:db8::1 192.0.2.1");
}

TEST_CASE("results are cached: an address for its time, a failure briefly") {
  DnsServer server([](const std::string& name, const std::string& type) -> std::optional<DnsAnswer> {
    if (name == "gone.example") return DnsAnswer{.code = 3};
    return DnsAnswer{.addresses = {type == "A" ? "192.0.2.1" : "2001:db8::1"}, .ttl_s = name == "brief.example" ? 0U : 60U};
  });
  DnsResolver resolver({.name_servers = server.address(), .failure_kept = 1s});
  for (const auto* name : {"shop.example", "brief.example", "gone.example"})
    for (int i = 0; i < 3; ++i) ask(resolver, name).wait();
  CHECK(server.count("A shop.example") == 1);
  CHECK(server.count("A brief.example") == 3);
  CHECK(server.count("A gone.example") == 1);
  std::this_thread::sleep_for(1'050ms);
  ask(resolver, "gone.example").wait();
  CHECK(server.count("A gone.example") == 2);
}

TEST_CASE("an address is cached for no longer than the host's own limit") {
  DnsServer server(both);
  DnsResolver resolver({.name_servers = server.address(), .success_kept_max = 0s});
  for (int i = 0; i < 2; ++i) ask(resolver, "shop.example").wait();
  CHECK(server.count("A shop.example") == 2);
}

TEST_CASE("too many lookups at once are not tried, and not cached") {
  DnsServer server(silent);
  DnsResolver resolver({.name_servers = server.address(), .budget = 300ms, .lookups_max = 2});
  auto first = ask(resolver, "a.example");
  auto second = ask(resolver, "b.example");
  CHECK(text(resolver, "c.example") == "not tried: too many names are being resolved");
  auto joined = ask(resolver, "a.example");
  for (auto* each : {&first, &second, &joined}) CHECK(text(each->get()) == "failed: the name server did not answer in 0.3 s");
  CHECK(text(resolver, "c.example") == "failed: the name server did not answer in 0.3 s");
}

TEST_CASE("a resolver that ends calls back no more") {
  DnsServer server(silent);
  std::atomic<int> called{0};
  {
    DnsResolver resolver({.name_servers = server.address()});
    for (int i = 0; i < 10; ++i) resolver.resolve(std::to_string(i) + ".example", [&](const Resolved&) { ++called; });
    while (server.questions().empty()) std::this_thread::yield();
  }
  CHECK(called == 0);
}

TEST_CASE("an unreachable name server is an error of the lookup") {
  std::string address;
  {
    DnsServer closed(silent);
    address = closed.address();
  }
  DnsResolver resolver({.name_servers = address});
  CHECK(text(resolver, "shop.example") == "failed: no name server could answer");
}

}  // namespace dns_resolver_test
