// One batch at a time, so that the engine's cursor never passes a line that it did not take.
#include "host-adapters/server/node/node_stream.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

namespace lntpay::host {
namespace {

constexpr int doublings_max = 20;

}  // namespace

/// A callback for other threads: runs `action` on the io_context's thread, unless the stream was stopped.
template <class Action>
auto NodeStream::posted(Action action) const {
  return [link = link_, action](auto argument) {
    boost::asio::post(link->io, [link, action, argument = std::move(argument)]() mutable {
      if (link->stream != nullptr) action(*link->stream, std::move(argument));
    });
  };
}

NodeStream::NodeStream(boost::asio::io_context& io, Submit submit, Streaming& streaming, const Log& log, NodeStreamOptions options)
    : submit_(std::move(submit)),
      streaming_(streaming),
      log_(log),
      options_(options),
      link_(std::make_shared<Link>(io, this)),
      pause_(io) {}

NodeStream::~NodeStream() { stop(); }

void NodeStream::start() { ask_engine(); }

void NodeStream::stop() {
  link_->stream = nullptr;
  pause_.cancel();
  open_.reset();
}

void NodeStream::ask_engine() {
  ended_ = false;
  submit_(input::NodeStreamClosed{}, posted([](NodeStream& self, Outcome outcome) { self.opened(std::move(outcome)); }));
}

void NodeStream::opened(Outcome outcome) {
  if (!outcome.subscribe) return reopen_later();
  const auto number = ++stream_;
  log_.info("node_stream_open", {{"from", outcome.subscribe->target}});
  open_ = streaming_.stream(std::move(*outcome.subscribe),
                            posted([number](NodeStream& self, std::string line) { self.take(number, std::move(line)); }),
                            posted([number](NodeStream& self, const std::string& why) { self.closed(number, why); }));
}

void NodeStream::take(std::uint64_t stream, std::string line) {
  if (stream != stream_ || ended_) return;
  fruitless_streams_ = 0;
  waiting_.push_back(std::move(line));
  if (waiting_.size() >= options_.lines_waiting_max) return closed(stream, "too many lines are queued for the engine");
  pump();
}

/// Queued lines are delivered before the engine is asked for the next start.
void NodeStream::closed(std::uint64_t stream, const std::string& why) {
  if (stream != stream_ || ended_) return;
  ended_ = true;
  open_.reset();
  log_.warn("node_stream_closed", {{"reason", why}});
  pump();
}

void NodeStream::pump() {
  if (engine_works_) return;
  if (waiting_.empty()) {
    if (ended_) reopen_later();
    return;
  }
  const auto count = std::min(waiting_.size(), options_.lines_per_batch_max);
  input::NodeEvents batch;
  std::move(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count), std::back_inserter(batch.lines));
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
  engine_works_ = true;
  submit_(std::move(batch), posted([](NodeStream& self, const Outcome& outcome) { self.taken(outcome); }));
}

void NodeStream::taken(const Outcome& outcome) {
  engine_works_ = false;
  if (outcome.response) {
    waiting_.clear();
    if (!ended_) return closed(stream_, "the engine rejected a batch of lines");
  }
  pump();
}

void NodeStream::reopen_later() {
  const auto pause = options_.pause_min * (std::int64_t{1} << std::min(fruitless_streams_++, doublings_max));
  pause_.expires_after(std::min<std::chrono::milliseconds>(pause, options_.pause_max));
  pause_.async_wait([link = link_](const boost::system::error_code& error) {
    if (!error && link->stream != nullptr) link->stream->ask_engine();
  });
}

}  // namespace lntpay::host
