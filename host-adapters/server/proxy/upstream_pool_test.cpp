// Connections to services that are named.
#include "host-adapters/server/proxy/upstream_pool.hpp"

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <exception>

#include "host-adapters/server/outbound/dns_resolver.hpp"
#include "tests/support/host/dns_server.hpp"

namespace lntpay::upstream_pool_test {
using namespace lntpay::host;
using namespace std::chrono_literals;
using testing::DnsAnswer;
using testing::DnsServer;

namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

/// A service on this machine that is reached by names.
struct Named {
  asio::io_context io;
  asio::ip::tcp::acceptor service{io, {asio::ip::make_address("127.0.0.1"), 0}};
  DnsServer server{[](const std::string& name, const std::string& type) -> std::optional<DnsAnswer> {
    if (name == "silent.example") return std::nullopt;
    if (name == "gone.example") return DnsAnswer{.code = 3};
    return type == "A" ? DnsAnswer{{"127.0.0.1"}} : DnsAnswer{};
  }};
  DnsResolver names{{.name_servers = server.address()}};

  UpstreamPool pool(std::string host) {
    return {io, {.host = std::move(host), .port = service.local_endpoint().port(), .connect_time_max = 700ms, .names = &names}};
  }
};

/// Whether a connection was made, and after what time.
struct Attempt {
  bool connected = false;
  std::chrono::milliseconds after{-1};
};
void connect(asio::io_context& io, UpstreamPool& pool, Attempt& attempt) {
  asio::co_spawn(io, pool.connect(), [&attempt, began = Clock::now()](const std::exception_ptr&, auto connection) {
    attempt = {connection != nullptr, std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began)};
  });
}

}  // namespace

TEST_CASE("a silent name server fails a connection in time, and delays no other name") {
  Named named;
  auto silent_pool = named.pool("silent.example"), good_pool = named.pool("api.example"), gone_pool = named.pool("gone.example");
  Attempt silent, good, gone;
  connect(named.io, silent_pool, silent);
  connect(named.io, good_pool, good);
  connect(named.io, gone_pool, gone);
  named.io.run();
  CHECK_FALSE(silent.connected);
  CHECK(silent.after >= 700ms);
  CHECK(silent.after < 3s);
  CHECK(good.connected);
  CHECK(good.after < 600ms);
  CHECK_FALSE(gone.connected);
  CHECK(gone.after < 600ms);
}

TEST_CASE("a pool without a resolver connects to numeric addresses alone") {
  Named named;
  UpstreamPool numeric(named.io, {.host = "127.0.0.1", .port = named.service.local_endpoint().port()});
  UpstreamPool by_name(named.io, {.host = "api.example", .port = named.service.local_endpoint().port()});
  Attempt reached, unknown;
  connect(named.io, numeric, reached);
  connect(named.io, by_name, unknown);
  named.io.run();
  CHECK(reached.connected);
  CHECK_FALSE(unknown.connected);
}

}  // namespace lntpay::upstream_pool_test
