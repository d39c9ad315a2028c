// Connects to the service, and reuses connections that are still open.
#include "host-adapters/server/proxy/upstream_pool.hpp"

#include <sys/socket.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <string>
#include <tuple>
#include <utility>

#include "host-adapters/server/http/asio.hpp"
#include "host-adapters/server/outbound/resolver.hpp"

namespace lntpay::host {

namespace asio = boost::asio;

namespace {

/// A name that is being resolved. Shared with the resolver, which may have a result after the time for it.
struct NameLookup {
  explicit NameLookup(asio::io_context& io) : ended(io) {}
  asio::steady_timer ended;
  Addresses addresses;
};

/// The name's addresses; none: it has none, or not within that time.
asio::awaitable<Addresses> addresses_of(asio::io_context& io, Resolver& names, std::string name,
                                        std::chrono::milliseconds time_max) {
  auto lookup = std::make_shared<NameLookup>(io);
  lookup->ended.expires_after(time_max);
  names.resolve(std::move(name), [&io, lookup](Resolved resolved) {
    asio::post(io, [lookup, resolved = std::move(resolved)]() mutable {
      if (resolved) lookup->addresses = std::move(*resolved);
      lookup->ended.cancel();
    });
  });
  co_await lookup->ended.async_wait(as_result);
  co_return std::move(lookup->addresses);
}

}  // namespace

UpstreamConnection::UpstreamConnection(asio::io_context& io) : stream_(io), received_(head_bytes_max + body_bytes_max) {}

asio::awaitable<bool> UpstreamConnection::connect(const asio::ip::tcp::endpoint& service, std::chrono::milliseconds time_max) {
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
  std::vector<asio::ip::tcp::endpoint> all;
  if (options_.names == nullptr) co_return all;
  for (const auto& each : co_await addresses_of(io_, *options_.names, options_.host, options_.connect_time_max)) {
    const auto found = asio::ip::make_address(each, is_name);
    if (!is_name) all.emplace_back(found, options_.port);
  }
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
