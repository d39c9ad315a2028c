// The node's stream of invoices, kept open: the engine says where it begins, its lines go to the engine in order, and when it ends
// it is opened anew.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "edge/engine/contract.hpp"
#include "host-adapters/server/ops/log.hpp"
#include "host-adapters/server/outbound/fetching.hpp"

namespace lntpay::host {

struct NodeStreamOptions {
  std::size_t lines_per_batch_max = 256;
  /// Lines that wait for the engine; beyond it the stream is closed, and opened anew behind what was taken.
  std::size_t lines_waiting_max = 4'096;
  /// Between an end and the next beginning; doubled with every end that brought no line.
  std::chrono::milliseconds pause_min{250};
  std::chrono::milliseconds pause_max{30'000};
};

/// Everything happens on the thread of the io_context; answers and lines from other threads are handed over to it.
class NodeStream {
 public:
  /// Begins a session of the engine; the outcome may come on any thread.
  using Submit = std::function<void(Input, std::function<void(Outcome)>)>;

  NodeStream(boost::asio::io_context& io, Submit submit, Streaming& streaming, const Log& log, NodeStreamOptions options = {});
  NodeStream(const NodeStream&) = delete;
  NodeStream& operator=(const NodeStream&) = delete;
  ~NodeStream();

  void start();
  /// Begins nothing any more; what the engine was given runs to its end.
  void stop();

 private:
  /// What calls from other threads hold on to; they find it empty once this is gone.
  struct Door {
    boost::asio::io_context& io;
    NodeStream* behind;
  };
  template <class What>
  auto from_elsewhere(What what) const;
  void ask_engine();
  void opened(Outcome outcome);
  void take(std::uint64_t stream, std::string line);
  void closed(std::uint64_t stream, const std::string& why);
  void pump();
  void taken(const Outcome& outcome);
  void begin_anew_later();

  Submit submit_;
  Streaming& streaming_;
  const Log& log_;
  NodeStreamOptions options_;
  std::shared_ptr<Door> door_;
  boost::asio::steady_timer pause_;

  std::uint64_t stream_ = 0;  ///< its number; what an earlier one still says is not heard
  Streaming::Open open_;
  std::deque<std::string> waiting_;
  bool engine_works_ = false;
  bool ended_ = false;
  int ends_in_vain_ = 0;
};

}  // namespace lntpay::host
