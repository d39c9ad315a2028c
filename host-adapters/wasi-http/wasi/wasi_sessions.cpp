// The loop: advance every session that can proceed, then wait for the others. The engine is linked in, so a trap ends this loop
// too, and an engine call always returns a step.
#include "host-adapters/wasi-http/wasi/wasi_sessions.hpp"

#include <algorithm>
#include <utility>

#include "core/base/utf8.hpp"
#include "core/storage/row.hpp"
#include "host-adapters/common/row_utf8.hpp"
#include "host-adapters/wasi-http/wasi/wasi.hpp"

namespace lntpay::wasi_http {
namespace {

constexpr unsigned doublings_max = 5;
constexpr std::int64_t backoff_first_ms = 8;
constexpr unsigned volatile_doublings_max = 2;
constexpr unsigned conflicts_at_volatile_max = 8;
constexpr unsigned steps_max = 10'000;

/// Randomized exponential backoff after conflicts, without which many instances could prevent each other from committing.
Millis backoff(unsigned conflicts, unsigned doublings) {
  const auto most = static_cast<std::uint64_t>(backoff_first_ms) << std::min(conflicts - 1, doublings);
  return {static_cast<std::int64_t>(wasi_random_random_get_random_u64() % most)};
}

}  // namespace

/// A wait for the first of several pollables or times.
struct Sessions::Waiting {
  std::vector<wasi_io_poll_borrow_pollable_t> any{};
  std::optional<Uptime> until{};

  void add(Uptime at) { until = std::min(at, until.value_or(at)); }
  void add(const Work& work) {
    if (work.reply) return;
    if (work.exchange) work.exchange->add_pollables(any);
    add(work.exchange ? work.exchange->deadline() : *work.backoff_until);
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
  StoreSilence silence;
  auto work = begin(std::move(effect), silence);
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
    log_failure(*at);
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
    log_line("a session exceeded its limit of steps and was abandoned");
  }
  auto next = endless ? engine_.begin(moment(), input::Refused{Refusal::engine_lost})
                      : engine_.resume(running.session, moment(), std::move(replies));
  step(*std::move(next), std::move(running));
  return true;
}

/// Logs the store's error once per session: the client receives only its kind.
void Sessions::log_failure(Running& running) {
  for (const auto& work : running.work) {
    const auto* failed = std::get_if<Failed>(&*work.reply);
    const auto* unknown = std::get_if<Unknown>(&*work.reply);
    if (running.failure_logged || (failed == nullptr && unknown == nullptr)) continue;
    log_line("store: " + (failed != nullptr ? failed->reason : "the outcome of a commit is unknown: " + unknown->reason));
    running.failure_logged = true;
  }
}

/// The backoff of a session whose commits conflicted.
Millis Sessions::after_conflicts(Running& running) {
  std::optional<unsigned> doublings;
  for (auto& work : running.work) {
    if (!std::holds_alternative<Conflict>(*work.reply)) continue;
    const bool is_volatile = work.exchanges.may_be_lost();
    // A commit of volatile rows is dropped after several conflicts, so that no request waits long at a contended rate limit.
    if (is_volatile && running.conflicts >= conflicts_at_volatile_max) {
      work.reply = Committed{};
    } else {
      doublings = std::max(is_volatile ? volatile_doublings_max : doublings_max, doublings.value_or(0));
    }
  }
  return doublings ? backoff(++running.conflicts, *doublings) : Millis{};
}

/// Advances the effect without waiting.
void Sessions::advance(Work& work) {
  while (!work.reply) {
    if (work.exchange) {
      auto answered = work.exchange->advance();
      if (!answered) return;
      work.exchange.reset();
      take(work, work.exchanges.answered(now(), *std::move(answered)));
    } else {
      if (uptime() < *work.backoff_until) return;
      take(work, work.exchanges.begin(now()));
    }
  }
}

Sessions::Work Sessions::begin(Effect effect, StoreSilence& silence) const {
  Work work{.exchanges = EffectExchanges(outside_, silence, std::move(effect))};
  take(work, work.exchanges.begin(now()));
  return work;
}

void Sessions::take(Work& work, Next next) {
  if (auto* call = std::get_if<HttpCall>(&next)) work.exchange = std::make_unique<Exchange>(std::move(*call));
  if (const auto* backoff = std::get_if<Backoff>(&next)) work.backoff_until = uptime() + backoff->span;
  if (auto* reply = std::get_if<Reply>(&next)) {
    work.reply =
        host::with_utf8_rows(std::move(*reply), [](const Entry& row) { log_line(damage_report(replace_ill_formed(row.key))); });
  }
}

void Sessions::step(Step step, Running running) {
  if (auto* outcome = std::get_if<Outcome>(&step)) {
    for (const auto& line : outcome->log) log_line(line);
    some_ended_ = true;
    running.ended(std::move(*outcome));
    return;
  }
  auto& ask = std::get<Ask>(step);
  running.session = ask.session;
  running.resume_at.reset();
  running.work.clear();
  for (auto& effect : ask.effects) running.work.push_back(begin(std::move(effect), *running.silence));
  running_.push_back(std::move(running));
}

}  // namespace lntpay::wasi_http
