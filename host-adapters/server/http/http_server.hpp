// The API over HTTP: connects a listener to the worker.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <utility>

#include "host-adapters/server/engine/worker.hpp"
#include "host-adapters/server/http/http_head.hpp"
#include "host-adapters/server/http/listener.hpp"
#include "host-adapters/server/http/static_files.hpp"
#include "host-adapters/server/http/trusted_proxies.hpp"
#include "host-adapters/server/ops/log.hpp"
#include "host-adapters/server/ops/metrics.hpp"
#include "host-adapters/server/ops/moments.hpp"

namespace lntpay::host {

struct HttpOptions {
  HttpLimits limits;
  std::size_t connections_max = 16'384;
  std::size_t connections_per_address_max = 2'048;
  std::chrono::milliseconds head_time_max{10'000};
  std::chrono::milliseconds body_time_max{20'000};
  /// From here on a body must come at 1 KiB a second; a slower one is 408.
  std::chrono::milliseconds body_grace{5'000};
  std::chrono::milliseconds keep_alive_max{60'000};
  std::chrono::milliseconds write_time_max{30'000};
  /// How long a client that has closed its sending side can still get its response.
  std::chrono::milliseconds half_closed_max{5'000};
  TrustedProxies trusted_proxies{};
  StaticFiles files{};
};

class ApiConnection;

/// Lives on the thread that runs `io`; the worker must be stopped before `io` is destroyed.
class HttpServer final : private ConnectionHandler {
 public:
  using Tcp = boost::asio::ip::tcp;

  HttpServer(boost::asio::io_context& io, Worker& worker, const Engine& placing, HttpOptions options, const Log& log,
             Metrics& metrics);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  void listen(Tcp::acceptor bound) { listener_.listen(std::move(bound)); }
  void drain() { listener_.drain(); }
  [[nodiscard]] std::size_t connections() const { return listener_.connections(); }

  // For connections.
  /// The number under which `connection` waits for the engine. Other threads hold no more of a connection than this number.
  std::uint64_t expect_answer(ApiConnection& connection);
  void expect_no_answer(std::uint64_t number) { waiting_.erase(number); }
  /// On any thread.
  void answer(std::uint64_t number, Outcome outcome);
  [[nodiscard]] const HttpOptions& options() const { return options_; }
  [[nodiscard]] Worker& worker() const { return worker_; }
  [[nodiscard]] const Engine& placing() const { return placing_; }
  [[nodiscard]] const Log& log() const { return log_; }
  [[nodiscard]] Metrics& metrics() const { return metrics_; }
  [[nodiscard]] Moment next_moment() { return moments_.next(); }

 private:
  boost::asio::awaitable<void> serve(Connection& connection) override;
  boost::asio::awaitable<void> turn_away(Connection& connection) override;
  void on_refused() override { metrics_.connections_refused.add(); }
  void on_count(std::size_t open) override { metrics_.connections.set(open); }
  void on_sweep(Connection::Clock::time_point now) override;
  void poll_for_hang_ups(Connection::Clock::time_point now);

  boost::asio::io_context& io_;
  Worker& worker_;
  const Engine& placing_;
  HttpOptions options_;
  const Log& log_;
  Metrics& metrics_;
  Moments moments_;
  Listener listener_;
  std::unordered_map<std::uint64_t, ApiConnection*> waiting_;
  std::uint64_t last_number_ = 0;
};

}  // namespace lntpay::host
