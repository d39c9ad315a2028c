// The HTTP face of the host: accepts connections within caps, watches their deadlines, and sends requests to the worker.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "host-adapters/server/engine/moments.hpp"
#include "host-adapters/server/engine/worker.hpp"
#include "host-adapters/server/http/http_head.hpp"
#include "host-adapters/server/http/trusted_proxies.hpp"
#include "host-adapters/server/ops/log.hpp"
#include "host-adapters/server/ops/metrics.hpp"

namespace lntpay::host {

struct HttpOptions {
  HttpLimits limits;
  std::size_t connections_max = 16'384;
  std::size_t connections_per_address_max = 2'048;
  std::chrono::milliseconds head_time_max{10'000};
  std::chrono::milliseconds body_time_max{20'000};
  /// A body may come at 1 KiB a second from here on; slower is 408.
  std::chrono::milliseconds body_grace{5'000};
  std::chrono::milliseconds keep_alive_max{60'000};
  std::chrono::milliseconds write_time_max{30'000};
  /// How long a client that has closed its sending side still gets its answer.
  std::chrono::milliseconds half_closed_max{5'000};
  TrustedProxies trusted_proxies{};
};

/// A peer, without its port; an IPv4 address that came mapped into IPv6 as IPv4.
std::string address_text(const boost::asio::ip::address& address);

class HttpConnection;

/// Lives on the thread that runs `io`; the worker must be stopped before `io` is destroyed.
class HttpServer {
 public:
  using Tcp = boost::asio::ip::tcp;

  HttpServer(boost::asio::io_context& io, Worker& worker, const Engine& placing, HttpOptions options, const Log& log,
             Metrics& metrics);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Takes the address, with a port of the system's choice for port 0. Nobody can connect before `listen`. Both throw
  /// boost::system::system_error when the address is taken.
  static Tcp::acceptor bind(boost::asio::io_context& io, const Tcp::endpoint& address);
  void listen(Tcp::acceptor bound);
  /// No connection is accepted from now on; idle ones are closed, the others with their next answer.
  void drain();
  [[nodiscard]] std::size_t connections() const { return open_.size(); }

  // For connections.
  /// The number under which `connection` waits for the engine. Other threads hold no more of a connection than this number.
  std::uint64_t expect_answer(HttpConnection& connection);
  void expect_no_answer(std::uint64_t number) { waiting_.erase(number); }
  /// On any thread.
  void answer(std::uint64_t number, Outcome outcome);
  [[nodiscard]] const HttpOptions& options() const { return options_; }
  [[nodiscard]] Worker& worker() const { return worker_; }
  [[nodiscard]] const Engine& placing() const { return placing_; }
  [[nodiscard]] const Log& log() const { return log_; }
  [[nodiscard]] Metrics& metrics() const { return metrics_; }
  [[nodiscard]] Moment next_moment() { return moments_.next(); }
  [[nodiscard]] bool draining() const { return draining_; }

 private:
  boost::asio::awaitable<void> accept();
  boost::asio::awaitable<void> sweep();
  void admit(Tcp::socket socket);
  void poll_for_hang_ups();

  boost::asio::io_context& io_;
  Worker& worker_;
  const Engine& placing_;
  HttpOptions options_;
  const Log& log_;
  Metrics& metrics_;
  Moments moments_;
  Tcp::acceptor acceptor_;
  boost::asio::steady_timer sweeping_;
  std::unordered_set<HttpConnection*> open_;
  std::unordered_map<std::string, std::size_t> per_address_;
  std::unordered_map<std::uint64_t, HttpConnection*> waiting_;
  std::uint64_t last_number_ = 0;
  std::size_t refusing_ = 0;
  bool draining_ = false;
};

}  // namespace lntpay::host
