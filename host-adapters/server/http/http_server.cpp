// Accepting, caps, and the sweep that enforces deadlines.
#include "host-adapters/server/http/http_server.hpp"

#include <poll.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <tuple>
#include <utility>
#include <vector>

#include "host-adapters/server/http/asio.hpp"
#include "host-adapters/server/http/http_connection.hpp"

namespace lntpay::host {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::milliseconds sweep_every{250};
constexpr std::chrono::milliseconds accept_again_after{100};
/// Connections beyond the caps that are told so; more than these at once are closed without a word.
constexpr std::size_t refusing_max = 256;

}  // namespace

std::string address_text(const asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  return address.to_string();
}

HttpServer::HttpServer(asio::io_context& io, Worker& worker, const Engine& placing, HttpOptions options, const Log& log,
                       Metrics& metrics)
    : io_(io), worker_(worker), placing_(placing), options_(options), log_(log), metrics_(metrics), acceptor_(io), sweeping_(io) {}

HttpServer::~HttpServer() {
  const std::vector<HttpConnection*> all(open_.begin(), open_.end());
  for (HttpConnection* connection : all) connection->forget();
}

HttpServer::Tcp::acceptor HttpServer::bind(asio::io_context& io, const Tcp::endpoint& address) {
  Tcp::acceptor acceptor(io, address.protocol());
  acceptor.set_option(Tcp::acceptor::reuse_address(true));
  acceptor.bind(address);
  return acceptor;
}

void HttpServer::listen(Tcp::acceptor bound) {
  acceptor_ = std::move(bound);
  acceptor_.listen(1'024);
  asio::co_spawn(io_, accept(), asio::detached);
  asio::co_spawn(io_, sweep(), asio::detached);
}

void HttpServer::drain() {
  draining_ = true;
  boost::system::error_code ignored;
  std::ignore = acceptor_.close(ignored);
  const std::vector<HttpConnection*> all(open_.begin(), open_.end());
  for (HttpConnection* connection : all) connection->close_if_idle();
}

std::uint64_t HttpServer::expect_answer(HttpConnection& connection) {
  waiting_.emplace(++last_number_, &connection);
  return last_number_;
}

void HttpServer::answer(std::uint64_t number, Outcome outcome) {
  asio::post(io_, [this, number, outcome = std::move(outcome)]() mutable {
    const auto found = waiting_.find(number);
    if (found == waiting_.end()) return;
    HttpConnection& connection = *found->second;
    waiting_.erase(found);
    connection.answered(std::move(outcome));
  });
}

asio::awaitable<void> HttpServer::accept() {
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

void HttpServer::admit(Tcp::socket socket) {
  boost::system::error_code error;
  const auto peer = socket.remote_endpoint(error);
  if (error) return;
  std::ignore = socket.set_option(Tcp::no_delay(true), error);
  std::string client = address_text(peer.address());
  std::size_t& from_there = per_address_[client];
  const bool too_many = open_.size() >= options_.connections_max || from_there >= options_.connections_per_address_max;
  if (too_many) {
    metrics_.connections_refused.add();
    if (from_there == 0) per_address_.erase(client);
    if (refusing_ >= refusing_max) return;
    ++refusing_;
    auto turned_away = std::make_shared<HttpConnection>(*this, std::move(socket), std::move(client));
    asio::co_spawn(
        io_, [turned_away] { return turned_away->turn_away(); }, [this, turned_away](const std::exception_ptr&) { --refusing_; });
    return;
  }
  ++from_there;
  auto connection = std::make_shared<HttpConnection>(*this, std::move(socket), client);
  open_.insert(connection.get());
  metrics_.connections.set(open_.size());
  asio::co_spawn(
      io_, [connection] { return connection->serve(); },
      [this, connection](const std::exception_ptr&) {
        open_.erase(connection.get());
        metrics_.connections.set(open_.size());
        const auto count = per_address_.find(connection->client());
        if (--count->second == 0) per_address_.erase(count);
      });
}

asio::awaitable<void> HttpServer::sweep() {
  while (!draining_ || !open_.empty()) {
    sweeping_.expires_after(sweep_every);
    co_await sweeping_.async_wait(as_result);
    const auto now = HttpConnection::Clock::now();
    const std::vector<HttpConnection*> all(open_.begin(), open_.end());
    for (HttpConnection* connection : all) connection->check_deadline(now);
    poll_for_hang_ups();
  }
}

/// Nothing is read from a connection while its request is being answered, so a client that goes away during a long poll is
/// seen by asking the system: one call for all of them.
void HttpServer::poll_for_hang_ups() {
#if defined(POLLRDHUP)
  constexpr short closed_sending = POLLRDHUP;
#else
  constexpr short closed_sending = 0;
#endif
  const auto now = HttpConnection::Clock::now();
  std::vector<HttpConnection*> waiting;
  std::vector<pollfd> descriptors;
  for (HttpConnection* connection : open_) {
    if (!connection->waits_since_before(now - sweep_every)) continue;
    waiting.push_back(connection);
    descriptors.push_back({connection->descriptor(), closed_sending, 0});
  }
  if (waiting.empty() || ::poll(descriptors.data(), descriptors.size(), 0) <= 0) return;
  for (std::size_t i = 0; i < waiting.size(); ++i)
    if (descriptors[i].revents != 0) waiting[i]->hung_up((descriptors[i].revents & (POLLERR | POLLHUP)) != 0, now);
}

}  // namespace lntpay::host
