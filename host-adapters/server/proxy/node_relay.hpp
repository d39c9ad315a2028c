// Relays the node's response to one call to the client of the node-proxy: status, content type, Date, body.
//
// A truncated response truncates the client's, so that no client takes a part for the whole.
#pragma once
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "host-adapters/server/http/connection.hpp"
#include "host-adapters/server/outbound/fetching.hpp"

namespace lntpay::host {

struct NodeRelayOptions {
  /// Of a response that the client has not read yet; a client that reads more slowly loses it.
  std::size_t unread_bytes_max = 8 * 1024 * 1024;
  std::chrono::seconds write_time_max{30};
};

/// One response. Filled by the fetcher through posts to `io`, on whose thread everything else happens.
class NodeRelay : public std::enable_shared_from_this<NodeRelay> {
 public:
  NodeRelay(boost::asio::io_context& io, Connection& client, std::string_view target, NodeRelayOptions options);

  /// Makes the call and writes its response; returns whether that was complete.
  boost::asio::awaitable<bool> run(Passing& node, Outgoing call);
  /// The client drains: a stream of invoices ends, other responses are completed.
  void drain() { news_.cancel(); }
  /// Of the node's response; 0 without one.
  [[nodiscard]] std::uint16_t status() const { return head_ ? head_->status : std::uint16_t{0}; }

 private:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] Passing::Hearing hearing();
  boost::asio::awaitable<bool> write_response();
  boost::asio::awaitable<bool> write_end();
  void watch_client();
  void lose_client();

  boost::asio::io_context& io_;
  Connection& client_;  ///< used until `run` has ended
  const bool endless_;  ///< a subscription: the node never ends it
  const bool streams_;  ///< may be silent for days
  NodeRelayOptions options_;
  Clock::time_point given_up_at_ = Clock::time_point::max();
  std::optional<Response> head_;
  std::deque<std::string> pieces_;
  std::optional<Reply> end_;
  std::atomic<std::size_t> unread_{0};  ///< bytes of pieces not yet written
  bool head_written_ = false;
  bool client_gone_ = false;
  bool over_ = false;
  boost::asio::steady_timer news_;
};

}  // namespace lntpay::host
