// The loop: advance what can go on, then wait for any of the rest. The engine is linked in, so that a trap ends the loop with it,
// and a call of the engine has its step.
#include "host-adapters/wasi-http/wasi/wasi_sessions.hpp"

#include <algorithm>
#include <utility>

#include "host-adapters/wasi-http/wasi/wasi.hpp"

namespace lntpay::wasi_http {
namespace {

constexpr unsigned doublings_max = 5;
constexpr std::int64_t backoff_first_ms = 8;
constexpr unsigned volatile_doublings_max = 2;
constexpr unsigned conflicts_at_volatile_max = 8;
constexpr unsigned steps_max = 10'000;

/// Who meets others at one row waits before it reads again, by chance and longer each time, or many instances would keep each other
/// from any end.
Millis backoff(unsigned conflicts, unsigned most_doublings) {
  const auto most = static_cast<std::uint64_t>(backoff_first_ms) << std::min(conflicts - 1, most_doublings);
  return {static_cast<std::int64_t>(wasi_random_random_get_random_u64() % most)};
}

}  // namespace

/// What is waited for: whatever is ready first.
struct Sessions::Waiting {
  std::vector<wasi_io_poll_borrow_pollable_t> any{};
  std::optional<Uptime> until{};

  void add(Uptime at) { until = std::min(at, until.value_or(at)); }
  void add(const Work& work) {
    if (work.reply) return;
    if (work.exchange) work.exchange->add_pollables(any);
    add(work.exchange ? work.exchange->deadline() : *work.pause_until);
  }
  void wait() const { wait_for(any, until ? std::optional(*until - uptime()) : std::nullopt); }
};

Sessions::~Sessions() {
  for (const auto& running : running_) *engine_.abandon(running.session);
}

void Sessions::begin(Input input, Ended ended) {
  step(*engine_.begin(moment(), std::move(input)), Running{.ended = std::move(ended)});
}

void Sessions::run(std::optional<Uptime> until) {
  some_ended_ = false;
  while (!running_.empty() && !some_ended_ && (!until || uptime() < *until)) {
    bool moved = false;
    for (auto at = running_.begin(); at != running_.end();) moved = advance(at++) || moved;
    if (!moved) wait(until);
  }
}

Reply Sessions::perform(Effect effect) const {
  auto work = begin(std::move(effect));
  for (advance(work); !work.reply; advance(work)) {
    Waiting waiting;
    waiting.add(work);
    waiting.wait();
  }
  return *std::move(work.reply);
}

void Sessions::wait(std::optional<Uptime> until) const {
  Waiting waiting{.until = until};
  for (const auto& running : running_) {
    if (running.resume_at) waiting.add(*running.resume_at);
    for (const auto& work : running.work) waiting.add(work);
  }
  waiting.wait();
}

bool Sessions::advance(std::list<Running>::iterator at) {
  for (auto& work : at->work) advance(work);
  if (!std::ranges::all_of(at->work, [](const Work& work) { return work.reply.has_value(); })) return false;
  if (!at->resume_at) {
    tell_failure(*at);
    at->resume_at = uptime() + after_conflicts(*at);
  }
  if (uptime() < *at->resume_at) return false;
  std::vector<Reply> replies;
  for (auto& work : at->work) replies.push_back(*std::move(work.reply));
  auto running = std::move(*at);
  running_.erase(at);
  const bool endless = ++running.steps == steps_max;
  if (endless) {
    *engine_.abandon(running.session);
    say("a session did not end, and was ended");
  }
  auto next = endless ? engine_.begin(moment(), input::Refused{Refusal::engine_lost})
                      : engine_.resume(running.session, moment(), std::move(replies));
  step(*std::move(next), std::move(running));
  return true;
}

/// Why the store failed, to the operator, once for a session: who asked is only told that it did.
void Sessions::tell_failure(Running& running) {
  for (const auto& work : running.work) {
    const auto* failed = std::get_if<Failed>(&*work.reply);
    const auto* unknown = std::get_if<Unknown>(&*work.reply);
    if (running.is_told || (failed == nullptr && unknown == nullptr)) continue;
    say("store: " + (failed != nullptr ? failed->reason : "not known whether a commit was made: " + unknown->reason));
    running.is_told = true;
  }
}

/// How long the session stays away, if it met others.
Millis Sessions::after_conflicts(Running& running) {
  std::optional<unsigned> doublings;
  for (auto& work : running.work) {
    if (!std::holds_alternative<Conflict>(*work.reply)) continue;
    const bool is_volatile = work.batch.may_be_lost();
    // Of rows that may be lost the others' writes stand for all in the end, so that no request waits long at a limit that others
    // take from all the time: what it took is lost.
    if (is_volatile && running.conflicts >= conflicts_at_volatile_max) {
      work.reply = Committed{};
    } else {
      doublings = std::max(is_volatile ? volatile_doublings_max : doublings_max, doublings.value_or(0));
    }
  }
  return doublings ? backoff(++running.conflicts, *doublings) : Millis{};
}

/// As far as it goes without waiting.
void Sessions::advance(Work& work) {
  while (!work.reply) {
    if (work.exchange) {
      auto answered = work.exchange->advance();
      if (!answered) return;
      work.exchange.reset();
      take(work, work.batch.answered(now(), *std::move(answered)));
    } else {
      if (uptime() < *work.pause_until) return;
      take(work, work.batch.begin(now()));
    }
  }
}

Sessions::Work Sessions::begin(Effect effect) const {
  Work work{.batch = EffectExchanges(outside_, std::move(effect))};
  take(work, work.batch.begin(now()));
  return work;
}

void Sessions::take(Work& work, Next next) {
  if (auto* call = std::get_if<HttpCall>(&next)) work.exchange = std::make_unique<Exchange>(std::move(*call));
  if (const auto* pause = std::get_if<Pause>(&next)) work.pause_until = uptime() + pause->span;
  if (auto* reply = std::get_if<Reply>(&next)) work.reply = std::move(*reply);
}

void Sessions::step(Step step, Running running) {
  if (auto* outcome = std::get_if<Outcome>(&step)) {
    for (const auto& line : outcome->log) say(line);
    some_ended_ = true;
    running.ended(std::move(*outcome));
    return;
  }
  auto& ask = std::get<Ask>(step);
  running.session = ask.session;
  running.resume_at.reset();
  running.work.clear();
  for (auto& effect : ask.effects) running.work.push_back(begin(std::move(effect)));
  running_.push_back(std::move(running));
}

}  // namespace lntpay::wasi_http
