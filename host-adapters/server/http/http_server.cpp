// Outcomes on their way back to connections, and clients that hang up while they wait.
#include "host-adapters/server/http/http_server.hpp"

#include <poll.h>

#include <boost/asio/post.hpp>
#include <ranges>
#include <vector>

#include "host-adapters/server/http/api_connection.hpp"

namespace lntpay::host {
namespace {

namespace asio = boost::asio;

/// Beyond the caps this many get a 503 at one time; further connections are closed without a response.
constexpr std::size_t refusing_max = 256;
/// Clients that have waited for less are not polled.
constexpr std::chrono::milliseconds poll_after{250};

}  // namespace

HttpServer::HttpServer(asio::io_context& io, Worker& worker, const Engine& placing, HttpOptions options, const Log& log,
                       Metrics& metrics)
    : io_(io),
      worker_(worker),
      placing_(placing),
      options_(std::move(options)),
      log_(log),
      metrics_(metrics),
      listener_(io, *this, log,
                {.connections_max = options_.connections_max,
                 .connections_per_address_max = options_.connections_per_address_max,
                 .refusing_max = refusing_max}) {}

HttpServer::~HttpServer() {
  for (ApiConnection* connection : waiting_ | std::views::values | std::ranges::to<std::vector>()) connection->forget();
}

asio::awaitable<void> HttpServer::serve(Connection& connection) {
  ApiConnection api(*this, connection);
  co_await api.serve();
}

asio::awaitable<void> HttpServer::turn_away(Connection& connection) {
  ApiConnection api(*this, connection);
  co_await api.turn_away();
}

std::uint64_t HttpServer::expect_answer(ApiConnection& connection) {
  waiting_.emplace(++last_number_, &connection);
  return last_number_;
}

void HttpServer::answer(std::uint64_t number, Outcome outcome) {
  asio::post(io_, [this, number, outcome = std::move(outcome)]() mutable {
    const auto found = waiting_.find(number);
    if (found == waiting_.end()) return;
    ApiConnection& connection = *found->second;
    waiting_.erase(found);
    connection.answered(std::move(outcome));
  });
}

void HttpServer::on_sweep(Connection::Clock::time_point now) {
  for (ApiConnection* connection : waiting_ | std::views::values | std::ranges::to<std::vector>()) connection->check_patience(now);
  poll_for_hang_ups(now);
}

/// Nothing is read from a connection while its request is being answered, so a client that leaves during a long poll is found by
/// asking the system: one call for all of them.
void HttpServer::poll_for_hang_ups(Connection::Clock::time_point now) {
#if defined(POLLRDHUP)
  constexpr short closed_sending = POLLRDHUP;
#else
  constexpr short closed_sending = 0;
#endif
  std::vector<ApiConnection*> waiting;
  std::vector<pollfd> descriptors;
  for (ApiConnection* connection : waiting_ | std::views::values) {
    if (!connection->waits_since_before(now - poll_after)) continue;
    waiting.push_back(connection);
    descriptors.push_back({connection->descriptor(), closed_sending, 0});
  }
  if (waiting.empty() || ::poll(descriptors.data(), descriptors.size(), 0) <= 0) return;
  for (std::size_t i = 0; i < waiting.size(); ++i)
    if (descriptors[i].revents != 0) waiting[i]->hung_up((descriptors[i].revents & (POLLERR | POLLHUP)) != 0, now);
}

}  // namespace lntpay::host
