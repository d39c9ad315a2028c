// Keeps the node's stream of invoices open: the engine names its start, receives its lines in order, and the stream is reopened
// when it ends.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "edge/contract/contract.hpp"
#include "host-adapters/server/ops/log.hpp"
#include "host-adapters/server/outbound/fetching.hpp"

namespace lntpay::host {

struct NodeStreamOptions {
  std::size_t lines_per_batch_max = 256;
  /// Lines queued for the engine; above it the stream is closed, and reopened after the last line that the engine took.
  std::size_t lines_waiting_max = 4'096;
  /// Delay before reopening; doubled with every stream that delivered no line.
  std::chrono::milliseconds pause_min{250};
  std::chrono::milliseconds pause_max{30'000};
};

/// Runs on the thread of the io_context; callbacks from other threads are posted to it.
class NodeStream {
 public:
  /// Starts a session of the engine; the callback may run on any thread.
  using Submit = std::function<void(Input, std::function<void(Outcome)>)>;

  NodeStream(boost::asio::io_context& io, Submit submit, Streaming& streaming, const Log& log, NodeStreamOptions options = {});
  NodeStream(const NodeStream&) = delete;
  NodeStream& operator=(const NodeStream&) = delete;
  ~NodeStream();

  void start();
  /// Closes the stream and opens no other; a session that the engine is running finishes.
  void stop();

 private:
  /// Held by callbacks of other threads, which may outlive the stream.
  struct Link {
    boost::asio::io_context& io;
    NodeStream* stream;  ///< null once stopped
  };
  template <class Action>
  auto posted(Action action) const;
  void ask_engine();
  void opened(Outcome outcome);
  void take(std::uint64_t stream, std::string line);
  void closed(std::uint64_t stream, const std::string& why);
  void pump();
  void taken(const Outcome& outcome);
  void reopen_later();

  Submit submit_;
  Streaming& streaming_;
  const Log& log_;
  NodeStreamOptions options_;
  std::shared_ptr<Link> link_;
  boost::asio::steady_timer pause_;

  std::uint64_t stream_ = 0;  ///< number of the current stream; lines of earlier ones are ignored
  Streaming::Open open_;
  std::deque<std::string> waiting_;
  bool engine_works_ = false;
  bool ended_ = false;
  int fruitless_streams_ = 0;  ///< in a row, without a line
};

}  // namespace lntpay::host
