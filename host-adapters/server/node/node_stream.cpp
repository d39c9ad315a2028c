// One batch at a time, so that the engine's cursor never passes a line that was not taken.
#include "host-adapters/server/node/node_stream.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

namespace lntpay::host {
namespace {

constexpr int doublings_max = 20;

}  // namespace

/// A function that other threads may call: `what` is done on ours, if we are still there.
template <class What>
auto NodeStream::from_elsewhere(What what) const {
  return [door = door_, what](auto said) {
    boost::asio::post(door->io, [door, what, said = std::move(said)]() mutable {
      if (door->behind != nullptr) what(*door->behind, std::move(said));
    });
  };
}

NodeStream::NodeStream(boost::asio::io_context& io, Submit submit, Streaming& streaming, const Log& log, NodeStreamOptions options)
    : submit_(std::move(submit)),
      streaming_(streaming),
      log_(log),
      options_(options),
      door_(std::make_shared<Door>(io, this)),
      pause_(io) {}

NodeStream::~NodeStream() { stop(); }

void NodeStream::start() { ask_engine(); }

void NodeStream::stop() {
  door_->behind = nullptr;
  pause_.cancel();
  open_.reset();
}

void NodeStream::ask_engine() {
  ended_ = false;
  submit_(input::NodeStreamClosed{}, from_elsewhere([](NodeStream& self, Outcome outcome) { self.opened(std::move(outcome)); }));
}

void NodeStream::opened(Outcome outcome) {
  if (!outcome.subscribe) return begin_anew_later();
  const auto number = ++stream_;
  log_.info("node_stream_open", {{"from", outcome.subscribe->target}});
  open_ = streaming_.stream(std::move(*outcome.subscribe),
                            from_elsewhere([number](NodeStream& self, std::string line) { self.take(number, std::move(line)); }),
                            from_elsewhere([number](NodeStream& self, const std::string& why) { self.closed(number, why); }));
}

void NodeStream::take(std::uint64_t stream, std::string line) {
  if (stream != stream_ || ended_) return;
  ends_in_vain_ = 0;
  waiting_.push_back(std::move(line));
  if (waiting_.size() >= options_.lines_waiting_max) return closed(stream, "the engine is behind");
  pump();
}

/// What came before the end is still taken; only then the engine is asked for the next beginning.
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
    if (ended_) begin_anew_later();
    return;
  }
  const auto count = std::min(waiting_.size(), options_.lines_per_batch_max);
  input::NodeEvents batch;
  std::move(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count), std::back_inserter(batch.lines));
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
  engine_works_ = true;
  submit_(std::move(batch), from_elsewhere([](NodeStream& self, const Outcome& outcome) { self.taken(outcome); }));
}

void NodeStream::taken(const Outcome& outcome) {
  engine_works_ = false;
  if (outcome.response) {
    waiting_.clear();
    if (!ended_) return closed(stream_, "the engine did not take it");
  }
  pump();
}

void NodeStream::begin_anew_later() {
  const auto pause = options_.pause_min * (std::int64_t{1} << std::min(ends_in_vain_++, doublings_max));
  pause_.expires_after(std::min<std::chrono::milliseconds>(pause, options_.pause_max));
  pause_.async_wait([door = door_](const boost::system::error_code& error) {
    if (!error && door->behind != nullptr) door->behind->ask_engine();
  });
}

}  // namespace lntpay::host
