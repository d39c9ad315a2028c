// Names of a private zone: what the owner of an endpoint may learn about them, which is nothing.
#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/webhook/egress/egress.hpp"
#include "tests/support/host/dns_server.hpp"
#include "tests/support/host/fetcher_world.hpp"

namespace private_names_test {
using namespace lntpay;
using namespace lntpay::host;
using namespace lntpay::host::testing;
using namespace std::chrono_literals;

namespace {

/// Names of a private zone beside names that are not found, each for a reason of its own.
std::optional<DnsAnswer> private_zone(const std::string& name, const std::string& type) {
  const bool is_ipv4 = type == "A";
  if (name == "db.example") return is_ipv4 ? DnsAnswer{{"10.0.0.5"}} : DnsAnswer{};
  if (name == "ipv6.example") return is_ipv4 ? DnsAnswer{} : DnsAnswer{{"fd00::5"}};
  if (name == "mixed.example") return is_ipv4 ? DnsAnswer{{"93.184.216.34", "192.168.1.1"}} : DnsAnswer{};
  if (name == "metadata.example") return is_ipv4 ? DnsAnswer{{"169.254.169.254"}} : DnsAnswer{};
  if (name == "loopback.example") return is_ipv4 ? DnsAnswer{{"127.0.0.1"}} : DnsAnswer{{"::1"}};
  if (name == "empty.example") return DnsAnswer{};
  if (name == "refused.example") return DnsAnswer{.code = 5};
  if (name == "broken.example") return DnsAnswer{.code = 2};
  if (name == "silent.example") return std::nullopt;
  return DnsAnswer{.code = 3};
}

/// The engine's rules.
std::expected<void, std::string> guarded(std::string_view url, std::span<const std::string> addresses) {
  return lntpay::may_connect(Settings{}, url, addresses);
}

std::chrono::milliseconds time_of(const std::function<void()>& call) {
  const auto began = std::chrono::steady_clock::now();
  call();
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
}

}  // namespace

TEST_CASE("only the operator can tell a private name from one that is not found") {
  DnsServer names(private_zone);
  Metrics metrics;
  std::vector<std::string> log;
  {
    Fetcher fetcher(guarded, metrics,
                    {.refusals_every = 600ms,
                     .on_unusable_name = [&](auto name, auto why) { log.push_back(std::string(name) + ": " + std::string(why)); }},
                    [&] { return std::make_unique<DnsResolver>(DnsOptions{.name_servers = names.address(), .budget = 300ms}); });
    for (const auto* name : {"db", "ipv6", "mixed", "metadata", "loopback", "empty", "refused", "broken", "silent", "gone", "db"}) {
      CAPTURE(name);
      const auto asked = post("https://" + std::string(name) + ".example:8443/hook?token=secret");
      const auto took =
          time_of([&] { CHECK(text(exchange(fetcher, asked)) == "not sent: name not found, or not a public address"); });
      CHECK(took >= 600ms);
      CHECK(took < 1'000ms);
    }
  }
  CHECK(metrics.fetches_failed.value() == 11);
  REQUIRE(log.size() == 11);
  CHECK(log[0] == "db.example: refused are 10.0.0.5");
  CHECK(log[1] == "ipv6.example: refused are fd00::5");
  CHECK(log[2] == "mixed.example: refused are 93.184.216.34, 192.168.1.1");
  CHECK(log[5] == "empty.example: the name has no address");
  CHECK(log[8] == "silent.example: the name server did not answer in 0.3 s");
  CHECK(log[9] == "gone.example: the name does not exist");
}

TEST_CASE("an attempt that times out in the lookup has the text of a name that is not found") {
  Metrics metrics;
  Fetcher fetcher(guarded, metrics, {}, [] { return std::make_unique<SilentResolver>(); });
  Outgoing asked = post("https://slow.example/");
  asked.timeout_ms = 100;
  CHECK(text(exchange(fetcher, asked)) == "not sent: name not found, or not a public address");
}

TEST_CASE("a private address in the URL has its own error, at once") {
  Metrics metrics;
  Fetcher fetcher(guarded, metrics, {}, [] { return std::make_unique<DnsResolver>(); });
  const auto took = time_of(
      [&] { CHECK(text(exchange(fetcher, post("https://10.0.0.5/"))) == "not sent: the address is not publicly routable"); });
  CHECK(took < 500ms);
}

}  // namespace private_names_test
