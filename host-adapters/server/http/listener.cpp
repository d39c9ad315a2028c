// Accepting, caps, and the sweep that enforces deadlines.
#include "host-adapters/server/http/listener.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <exception>
#include <tuple>
#include <utility>
#include <vector>

#include "host-adapters/server/http/address_text.hpp"
#include "host-adapters/server/http/asio.hpp"

namespace lntpay::host {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::milliseconds sweep_every{250};
constexpr std::chrono::milliseconds accept_again_after{100};

}  // namespace

Listener::Listener(asio::io_context& io, ConnectionHandler& handler, const Log& log, ListenerOptions options)
    : io_(io), handler_(handler), log_(log), options_(std::move(options)), acceptor_(io), sweeping_(io) {}

Listener::Tcp::acceptor Listener::bind(asio::io_context& io, const Tcp::endpoint& address) {
  Tcp::acceptor acceptor(io, address.protocol());
  acceptor.set_option(Tcp::acceptor::reuse_address(true));
  acceptor.bind(address);
  return acceptor;
}

void Listener::listen(Tcp::acceptor bound) {
  acceptor_ = std::move(bound);
  acceptor_.listen(1'024);
  running_ = 2;
  asio::co_spawn(io_, accept(), [this](const std::exception_ptr&) { --running_; });
  asio::co_spawn(io_, sweep(), [this](const std::exception_ptr&) { --running_; });
}

void Listener::drain() {
  draining_ = true;
  boost::system::error_code ignored;
  std::ignore = acceptor_.close(ignored);
  for (Connection* connection : connections_) connection->drain(options_.drains_up_to);
}

asio::awaitable<void> Listener::accept() {
  while (acceptor_.is_open()) {
    auto [error, socket] = co_await acceptor_.async_accept(as_result);
    if (!error) {
      admit(std::move(socket));
    } else if (acceptor_.is_open()) {  // out of descriptors, most likely: wait until some are closed
      log_.warn("accept_failed", {{"reason", error.message()}});
      asio::steady_timer pause(io_, accept_again_after);
      co_await pause.async_wait(as_result);
    }
  }
}

void Listener::admit(Tcp::socket socket) {
  boost::system::error_code error;
  const auto peer = socket.remote_endpoint(error);
  if (error) return;
  std::ignore = socket.set_option(Tcp::no_delay(true), error);
  auto address = address_text(peer.address());
  const auto same_address = per_address_.find(address);
  const bool address_full = same_address != per_address_.end() && same_address->second >= options_.connections_per_address_max;
  const bool full = open_ >= options_.connections_max || address_full;
  if (full) {
    handler_.on_refused();
    if (refusing_ >= options_.refusing_max) return;
  }
  const auto connection = std::make_shared<Connection>(std::move(socket), std::move(address), options_.connection);
  connections_.insert(connection.get());
  if (full) {
    turn_away(connection);
  } else {
    serve(connection);
  }
}

void Listener::serve(const std::shared_ptr<Connection>& connection) {
  handler_.on_count(++open_);
  ++per_address_[connection->address()];
  asio::co_spawn(
      io_, [this, connection] { return converse(*connection, true); },
      [this, connection](const std::exception_ptr&) {
        connection->close();
        connections_.erase(connection.get());
        handler_.on_count(--open_);
        const auto count = per_address_.find(connection->address());
        if (--count->second == 0) per_address_.erase(count);
      });
}

void Listener::turn_away(const std::shared_ptr<Connection>& connection) {
  ++refusing_;
  asio::co_spawn(
      io_, [this, connection] { return converse(*connection, false); },
      [this, connection](const std::exception_ptr&) {
        connection->close();
        connections_.erase(connection.get());
        --refusing_;
      });
}

asio::awaitable<void> Listener::converse(Connection& connection, bool serves) {
  if (const auto tls = options_.tls ? options_.tls() : nullptr) {
    if (!co_await connection.handshake(tls, options_.handshake_time_max)) co_return;
  }
  if (serves) {
    co_await handler_.serve(connection);
  } else {
    co_await handler_.turn_away(connection);
  }
}

asio::awaitable<void> Listener::sweep() {
  while (!draining_ || !connections_.empty()) {
    sweeping_.expires_after(sweep_every);
    co_await sweeping_.async_wait(as_result);
    const auto now = Connection::Clock::now();
    for (Connection* connection : connections_) connection->check_deadlines(now);
    handler_.on_sweep(now);
  }
}

}  // namespace lntpay::host
