// Forwards one request to the service and reads the head of its response, while the request's body is sent.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "host-adapters/server/proxy/downstream_request.hpp"
#include "host-adapters/server/proxy/upstream_pool.hpp"

namespace lntpay::host {

/// `response`: its head was read. `closed`: the service closed the connection before it sent anything. `late`: not by the deadline.
enum class UpstreamResult : std::uint8_t { response, closed, failed, late };

/// Must not be destroyed before `end_upload` has ended.
class UpstreamExchange {
 public:
  UpstreamExchange(boost::asio::io_context& io, UpstreamPool& pool, DownstreamRequest& downstream,
                   std::chrono::seconds piece_time_max)
      : io_(io), pool_(pool), downstream_(downstream), piece_time_max_(piece_time_max) {}

  /// Sends `head` and starts the upload. A kept connection may just have been closed: only a GET or HEAD without a body uses one,
  /// and is resent on a new connection.
  boost::asio::awaitable<UpstreamResult> forward(const std::string& head, std::chrono::steady_clock::time_point deadline);
  /// Stops an upload that is still running; then the client's connection ends too.
  boost::asio::awaitable<void> end_upload();
  /// Why the service did not get the whole body: `failed`, it was truncated or malformed; `late`, the client stopped sending, or
  /// was still sending at the deadline.
  enum class Body : std::uint8_t { whole, failed, late };
  [[nodiscard]] Body body() const { return upload_ ? upload_->body : Body::whole; }
  [[nodiscard]] bool reached() const { return connection_ != nullptr; }

  [[nodiscard]] UpstreamConnection& connection() { return *connection_; }
  /// After UpstreamResult::response.
  [[nodiscard]] DownstreamRequest::ResponseParser& response() { return *response_; }
  /// The connection may be used for another request: the response was read to its end, and nothing is left.
  [[nodiscard]] bool is_reusable();
  std::unique_ptr<UpstreamConnection> take_connection() { return std::move(connection_); }

 private:
  struct Upload {
    explicit Upload(boost::asio::io_context& io) : ended(io, boost::asio::steady_timer::time_point::max()) {}
    bool running = true;
    Body body = Body::whole;
    boost::asio::steady_timer ended;
  };

  boost::asio::awaitable<UpstreamResult> attempt(const std::string& head, std::chrono::steady_clock::time_point deadline);
  boost::asio::awaitable<UpstreamResult> read_response_head(std::chrono::steady_clock::time_point deadline);
  boost::asio::awaitable<void> upload();
  void start_upload();

  boost::asio::io_context& io_;
  UpstreamPool& pool_;
  DownstreamRequest& downstream_;
  std::chrono::seconds piece_time_max_;
  std::unique_ptr<UpstreamConnection> connection_;
  std::optional<DownstreamRequest::ResponseParser> response_;
  std::optional<Upload> upload_;
};

}  // namespace lntpay::host
