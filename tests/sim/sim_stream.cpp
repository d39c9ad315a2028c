// Every end is handled alike: waiting lines are still processed, then the engine is asked for the next connection.
#include "tests/sim/sim_stream.hpp"

#include <algorithm>
#include <utility>

#include "tests/sim/text.hpp"

namespace lntpay::sim {

Stream::Stream(Scene& scene, Host& host, LndModel& lnd) : scene_(scene), host_(host), lnd_(lnd) {
  host_.on_restart = [this] { connect_again(); };
  connect_again();
}

void Stream::connect_again() {
  waiting_.clear();
  engine_works_ = false;
  ended_ = false;
  scene_.agenda.in(scene_.random.span({1}, minutes(1)), [this, life = ++life_] {
    if (life == life_) ask_engine();
  });
}

void Stream::ask_engine() {
  host_.submit(input::NodeStreamClosed{}, [this, life = life_](const std::optional<Outcome>& outcome) {
    if (!outcome || life != life_) return;
    if (outcome->subscribe) return open(*outcome->subscribe);
    connect_again();
  });
}

void Stream::open(const Outgoing& asked) {
  const auto from = static_cast<std::uint64_t>(number(asked.target.substr(asked.target.find('=') + 1)));
  if (from > 0) scene_.marks.reach("stream: resumed from a cursor");
  const auto life = life_;
  const bool opened = lnd_.subscribe(from, {.line = [this, life](std::string line) { arrive(life, std::move(line)); },
                                            .end =
                                                [this, life] {
                                                  if (life == life_) end();
                                                }});
  if (!opened) connect_again();
}

/// Delayed by the network, and never before an earlier line.
void Stream::arrive(Life life, std::string line) {
  if (life != life_ || ended_) return;
  last_arrival_ = std::max(last_arrival_, scene_.agenda.now() + scene_.random.span({1}, {50}));
  scene_.agenda.at(last_arrival_, [this, life, line = std::move(line)]() mutable {
    if (life == life_ && !ended_) take(std::move(line));
  });
}

void Stream::take(std::string line) {
  if (scene_.happens(Fault::stream_cut)) return end();
  waiting_.push_back(std::move(line));
  pump();
}

void Stream::end() {
  ended_ = true;
  pump();
}

void Stream::pump() {
  if (engine_works_) return;
  if (waiting_.empty()) {
    if (ended_) connect_again();
    return;
  }
  const auto count = static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(waiting_.size(), scene_.random.from(1, 8)));
  input::NodeEvents batch{{waiting_.begin(), waiting_.begin() + count}};
  waiting_.erase(waiting_.begin(), waiting_.begin() + count);
  engine_works_ = true;
  host_.submit(std::move(batch), [this, life = life_](const std::optional<Outcome>& outcome) {
    if (outcome && life == life_) taken(*outcome);
  });
}

void Stream::taken(const Outcome& outcome) {
  engine_works_ = false;
  scene_.marks.reach(outcome.response ? "stream: lines were not taken" : "stream: lines were taken");
  if (!outcome.response) return pump();
  waiting_.clear();
  end();
}

}  // namespace lntpay::sim
