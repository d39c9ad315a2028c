// The count of results, and one exchange on a connection of its own.
#include "host-adapters/server/gates/upstream_health.hpp"

#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>

#include "host-adapters/server/http/asio.hpp"
#include "host-adapters/server/proxy/upstream_pool.hpp"

namespace lntpay::host {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

}  // namespace

bool UpstreamHealth::observe(bool passed, const HealthCheck& check) {
  contrary_ = passed == healthy_ ? 0 : contrary_ + 1;
  if (contrary_ < (healthy_ ? check.unhealthy_after : check.healthy_after)) return false;
  healthy_ = !healthy_;
  contrary_ = 0;
  return true;
}

asio::awaitable<bool> passes_check(asio::io_context& io, UpstreamAddress upstream, HealthCheck check, Resolver& names) {
  UpstreamPool pool(
      io, {.host = upstream.host, .port = upstream.port, .idle_max = 0, .connect_time_max = check.timeout, .names = &names});
  const auto connection = co_await pool.connect();
  if (!connection) co_return false;
  const auto request = "GET " + check.path + " HTTP/1.1\r\nhost: " + upstream.host +
                       "\r\nuser-agent: lntpay-health-check\r\nconnection: close\r\n\r\n";
  if (!co_await connection->write(request, check.timeout)) co_return false;
  http::response_parser<http::buffer_body> response;
  connection->stream().expires_after(check.timeout);
  const auto [error, size] = co_await http::async_read_header(connection->stream(), connection->received(), response, as_result);
  const auto status = response.get().result_int();
  co_return !error && status >= 200 && status < 400;
}

}  // namespace lntpay::host
