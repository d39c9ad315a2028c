// Connections to the service of the gate proxy, kept and reused between requests.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace lntpay::host {

class Resolver;

struct UpstreamOptions {
  std::string host;  ///< a numeric address, or a name for `names`
  std::uint16_t port = 0;
  std::size_t idle_max = 256;
  std::chrono::milliseconds connect_time_max{5'000};  ///< for the name, and then for each address
  Resolver* names = nullptr;                          ///< outlives the pool; null: `host` is numeric
};

/// One connection to the service.
class UpstreamConnection {
 public:
  static constexpr std::size_t head_bytes_max = 64 * 1024;
  static constexpr std::size_t body_bytes_max = 16 * 1024;  ///< received beyond a head

  explicit UpstreamConnection(boost::asio::io_context& io);

  boost::asio::awaitable<bool> connect(const boost::asio::ip::tcp::endpoint& service, std::chrono::milliseconds time_max);
  /// Writes all of it; false: error, or not within that time.
  boost::asio::awaitable<bool> write(std::string bytes, std::chrono::milliseconds time_max);
  void cancel() { stream_.cancel(); }
  /// The service has neither closed it nor sent anything on it.
  [[nodiscard]] bool is_quiet();

  [[nodiscard]] boost::beast::tcp_stream& stream() { return stream_; }
  [[nodiscard]] boost::beast::flat_buffer& received() { return received_; }  ///< and not yet consumed

 private:
  boost::beast::tcp_stream stream_;
  boost::beast::flat_buffer received_;
};

class UpstreamPool {
 public:
  UpstreamPool(boost::asio::io_context& io, UpstreamOptions options);

  /// A new connection; null: the service cannot be reached.
  boost::asio::awaitable<std::unique_ptr<UpstreamConnection>> connect();
  /// A kept connection that is still open; null if there is none.
  std::unique_ptr<UpstreamConnection> take_idle();
  /// For another request; nothing of the last one may be left on it. Closes it if enough are kept.
  void keep(std::unique_ptr<UpstreamConnection> connection);
  void close_idle() { idle_.clear(); }

 private:
  boost::asio::awaitable<std::vector<boost::asio::ip::tcp::endpoint>> addresses();

  boost::asio::io_context& io_;
  UpstreamOptions options_;
  std::vector<std::unique_ptr<UpstreamConnection>> idle_;
};

}  // namespace lntpay::host
