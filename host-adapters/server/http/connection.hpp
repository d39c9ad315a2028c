// One accepted connection: reads under limits and deadlines, writes, and lingers before it closes.
#pragma once
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "host-adapters/server/http/http_head.hpp"
#include "host-adapters/server/http/tls_context.hpp"

namespace lntpay::host {

/// The effect of a missed deadline on the socket. `cancel`: pending operations fail, and a response can still be written.
enum class WhenLate : std::uint8_t { cancel, close };

struct ConnectionOptions {
  std::size_t received_bytes_max = std::numeric_limits<std::size_t>::max();
  WhenLate when_late = WhenLate::cancel;
};

struct HeadTimes {
  std::chrono::milliseconds idle;                 ///< from the call to the first byte
  std::optional<std::chrono::milliseconds> head;  ///< from the first byte to the end of the head; none: `idle` covers both
};

/// Deadlines are points in time that the listener's sweep compares with the clock, so that a request costs no timer. Reading and
/// writing have one each, because a proxy does both at once.
class Connection {
 public:
  using Clock = std::chrono::steady_clock;
  using Tcp = boost::asio::ip::tcp;
  /// In order: a connection that drains is closed up to one of them.
  enum class Phase : std::uint8_t { idle, head, body, handling };
  /// The bytes of HTTP, for composed operations of Asio and Beast: those of the socket, or within its TLS.
  class Stream;
  struct Closed {};  ///< by the peer, by a deadline that has no response, or because the server drains
  using NoHead = std::variant<Refusal, Closed>;

  Connection(Tcp::socket socket, std::string address, const ConnectionOptions& options);

  /// From now on HTTP is within TLS. To be called before anything is read. False: the peer is gone, speaks no TLS or was late.
  boost::asio::awaitable<bool> handshake(std::shared_ptr<TlsContext> tls, std::chrono::milliseconds time_max);
  [[nodiscard]] bool is_tls() const { return tls_.has_value(); }

  /// Reads until a whole head is at the front of `received`, and returns its size. Then the phase is `body`, and the read deadline
  /// stays in force until `end_request`.
  /// Fails with the reason to refuse the request, or `Closed`; then the request has ended.
  boost::asio::awaitable<std::expected<std::size_t, NoHead>> read_head(HttpLimits limits, HeadTimes times);
  /// Appends bytes to `received`; false: end of stream, error, or deadline.
  boost::asio::awaitable<bool> read_some();
  /// The request is read, or will not be read further: clears the read deadline.
  void end_request();
  /// Writes all of it, then `more`, which the caller keeps; false: error, or not within that time.
  boost::asio::awaitable<bool> write(std::string bytes, std::chrono::milliseconds time_max, std::string_view more = {});
  /// Ends the sending side and discards input, within limits: a socket that is closed with unread input makes the system reset the
  /// connection, and the client may lose the response.
  boost::asio::awaitable<void> linger();

  void read_by(Clock::time_point deadline);
  void read_within(std::chrono::milliseconds time_max) { read_by(Clock::now() + time_max); }
  void read_any_time() { read_by(Clock::time_point::max()); }
  /// A read deadline is in force: the peer is expected to send.
  [[nodiscard]] bool reading() const { return read_deadline_ != Clock::time_point::max(); }
  /// The last read deadline was missed.
  [[nodiscard]] bool timed_out() const { return timed_out_; }
  /// Pending reads and writes fail.
  void cancel();
  void close();

  // For the listener.
  void check_deadlines(Clock::time_point now);
  /// No further request is read; closes the connection if it is in a phase up to `last`.
  void drain(Phase last);

  [[nodiscard]] bool draining() const { return draining_; }
  [[nodiscard]] const std::string& address() const { return address_; }  ///< the peer's, without port
  [[nodiscard]] Tcp::socket& socket() { return socket_; }                ///< below TLS
  [[nodiscard]] Stream stream();
  [[nodiscard]] boost::beast::flat_buffer& received() { return received_; }  ///< and not yet consumed
  [[nodiscard]] std::string_view received_text() const;

 private:
  boost::asio::awaitable<std::expected<std::size_t, NoHead>> scan_head(HttpLimits limits, HeadTimes times);

  Tcp::socket socket_;
  std::shared_ptr<TlsContext> tls_context_;
  std::optional<boost::asio::ssl::stream<Tcp::socket&>> tls_;
  std::string address_;
  boost::beast::flat_buffer received_;
  WhenLate when_late_;
  Phase phase_ = Phase::handling;
  Clock::time_point read_deadline_ = Clock::time_point::max();
  Clock::time_point write_deadline_ = Clock::time_point::max();
  bool timed_out_ = false;
  bool draining_ = false;
};

class Connection::Stream {
 public:
  using executor_type = Tcp::socket::executor_type;

  explicit Stream(Connection& connection) : connection_(connection) {}
  executor_type get_executor() { return connection_.socket_.get_executor(); }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    const auto start = [&connection = connection_](auto handler, const Buffers& into) {
      if (connection.tls_) {
        connection.tls_->async_read_some(into, std::move(handler));
      } else {
        connection.socket_.async_read_some(into, std::move(handler));
      }
    };
    return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(start, token, buffers);
  }
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    const auto start = [&connection = connection_](auto handler, const Buffers& from) {
      if (connection.tls_) {
        connection.tls_->async_write_some(from, std::move(handler));
      } else {
        connection.socket_.async_write_some(from, std::move(handler));
      }
    };
    return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(start, token, buffers);
  }

 private:
  Connection& connection_;
};

inline Connection::Stream Connection::stream() { return Stream(*this); }

}  // namespace lntpay::host
