// Connects to the service, and reuses connections that are still open.
#include "host-adapters/server/proxy/upstream_pool.hpp"

#include <sys/socket.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <string>
#include <tuple>
#include <utility>

#include "host-adapters/server/http/asio.hpp"

namespace lntpay::host {

namespace asio = boost::asio;

UpstreamConnection::UpstreamConnection(asio::io_context& io) : stream_(io), received_(head_bytes_max + body_bytes_max) {}

asio::awaitable<bool> UpstreamConnection::connect(const asio::ip::tcp::endpoint& service, std::chrono::seconds time_max) {
  stream_.expires_after(time_max);
  const auto [error] = co_await stream_.async_connect(service, as_result);
  if (error) co_return false;
  boost::system::error_code ignored;
  std::ignore = stream_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
  co_return true;
}

asio::awaitable<bool> UpstreamConnection::write(std::string bytes, std::chrono::milliseconds time_max) {
  stream_.expires_after(time_max);
  const auto [error, size] = co_await asio::async_write(stream_, asio::buffer(bytes), as_result);
  co_return !error;
}

bool UpstreamConnection::is_quiet() {
  char byte = 0;
  const auto read = ::recv(stream_.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return read < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

UpstreamPool::UpstreamPool(asio::io_context& io, UpstreamOptions options) : io_(io), options_(std::move(options)) {}

asio::awaitable<std::unique_ptr<UpstreamConnection>> UpstreamPool::connect() {
  for (const auto& service : co_await addresses()) {
    auto connection = std::make_unique<UpstreamConnection>(io_);
    if (co_await connection->connect(service, options_.connect_time_max)) co_return connection;
  }
  co_return nullptr;
}

asio::awaitable<std::vector<asio::ip::tcp::endpoint>> UpstreamPool::addresses() {
  boost::system::error_code is_name;
  const auto address = asio::ip::make_address(options_.host, is_name);
  if (!is_name) co_return std::vector{asio::ip::tcp::endpoint(address, options_.port)};
  asio::ip::tcp::resolver resolver(io_);
  const auto [error, found] = co_await resolver.async_resolve(options_.host, std::to_string(options_.port), as_result);
  std::vector<asio::ip::tcp::endpoint> all;
  for (const auto& each : found) all.push_back(each.endpoint());
  co_return all;
}

std::unique_ptr<UpstreamConnection> UpstreamPool::take_idle() {
  while (!idle_.empty()) {
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    if (connection->is_quiet()) return connection;
  }
  return nullptr;
}

void UpstreamPool::keep(std::unique_ptr<UpstreamConnection> connection) {
  if (idle_.size() >= options_.idle_max) return;
  connection->stream().expires_never();
  idle_.push_back(std::move(connection));
}

}  // namespace lntpay::host
