// Accepting, writing, chunking.
#include "host-adapters/server/proxy/proxy_streams.hpp"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <utility>

#include "host-adapters/server/http/asio.hpp"

namespace lntpay::host {
namespace {

namespace asio = boost::asio;

/// Out of descriptors, most likely: wait until some are closed.
constexpr std::chrono::milliseconds accept_again_after{100};

}  // namespace

asio::awaitable<void> accept_connections(asio::io_context& io, asio::ip::tcp::acceptor& acceptor,
                                         std::function<void(asio::ip::tcp::socket)> admit) {
  while (acceptor.is_open()) {
    auto [error, socket] = co_await acceptor.async_accept(as_result);
    if (!error) {
      admit(std::move(socket));
    } else if (acceptor.is_open()) {
      asio::steady_timer pause(io, accept_again_after);
      co_await pause.async_wait(as_result);
    }
  }
}

asio::awaitable<bool> write_all(boost::beast::tcp_stream& to, std::string bytes, std::chrono::seconds time_max) {
  to.expires_after(time_max);
  const auto [error, size] = co_await asio::async_write(to, asio::buffer(bytes), as_result);
  co_return !error;
}

std::string chunk_of(std::string_view bytes) {
  std::array<char, 20> size{};
  const auto end = std::to_chars(size.begin(), size.end(), bytes.size(), 16).ptr;
  return std::string(size.begin(), end).append("\r\n").append(bytes).append("\r\n");
}

}  // namespace lntpay::host
