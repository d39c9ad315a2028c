// Sessions whose instance or batch was lost: each gets an answer, from a new instance where necessary.
#include <algorithm>

#include "host-adapters/server/engine/refusal_response.hpp"
#include "host-adapters/server/engine/sessions.hpp"

namespace lntpay::host {
namespace {

constexpr Millis wake_after_loss_first = Millis{250};
constexpr int loss_doublings_max = 6;  // 16 s

}  // namespace

void Sessions::end(Found found, Refusal why, bool trapped) {
  const Ticket ticket = found->first;
  Session session = std::move(found->second);
  sessions_.erase(found);
  waits_.forget(ticket);
  if (is_work(session.input)) background_.ended(session.input, trapped, unix_now());
  if (trapped) traps_.trapped(session.input, unix_now());
  if (session.answer) refuse(std::move(session.answer), why);
  if (!session.home || !session.home->instance) return;
  if (auto abandoned = session.home->instance->abandon(session.number); !abandoned)
    lose(session.home, ticket, abandoned.error().reason);
}

void Sessions::refuse(Answer answer, Refusal why) { finished_.push_back({std::move(answer), refusal(why), true}); }

Outcome Sessions::refusal(Refusal why) {
  Outcome fallback;
  fallback.response = own_refusal(why, moments_.next());
  const auto where = home();
  if (!where) return fallback;
  auto step = where->instance->begin(moments_.next(), input::Refused{why});
  if (!step) {
    lose(where, 0, step.error().reason);
    return fallback;
  }
  auto* outcome = std::get_if<Outcome>(&*step);
  return outcome != nullptr && outcome->response ? std::move(*outcome) : fallback;
}

void Sessions::lose(std::shared_ptr<Home> lost, Ticket culprit, const std::string& why) {
  metrics_.instances_lost.add();
  lost->instance.reset();
  if (shared_home_ == lost) shared_home_.reset();
  std::vector<Ticket> inside;
  for (const auto& [ticket, session] : sessions_)
    if (session.home == lost) inside.push_back(ticket);
  log_.error("engine_lost", {{"reason", why}, {"sessions", inside.size()}});
  // The session that was executing is never restarted. Others are, once, unless they may have had an effect.
  for (const Ticket ticket : inside) {
    const auto found = sessions_.find(ticket);
    if (found == sessions_.end()) continue;
    if (ticket == culprit) {
      end(found, Refusal::engine_lost, true);
    } else if (found->second.restartable && !found->second.unwanted && !is_work(found->second.input)) {
      restart(ticket);
    } else {
      end(found, Refusal::overloaded, false);
    }
  }
}

void Sessions::restart(Ticket ticket) {
  const auto found = sessions_.find(ticket);
  waits_.forget(ticket);
  std::erase_if(fetches_, [ticket](const Released::Fetch& each) { return each.from.session == ticket; });
  Session& session = found->second;
  session.restartable = false;
  ++session.run;
  session.replies.clear();
  session.missing = 0;
  session.steps = 0;
  session.yielded = false;
  session.home = home();
  if (!session.home) return end(found, Refusal::overloaded, false);
  run(ticket, session.home->instance->begin(moments_.next(), session.input));
}

void Sessions::lose_batch() {
  metrics_.batches_lost.add();
  fetches_.clear();
  written_.clear();
  std::vector<Finished> finished = std::exchange(finished_, {});
  if (shared_home_) std::exchange(shared_home_, nullptr)->instance.reset();
  std::vector<Ticket> lost;
  std::set<std::string> shards;
  for (const auto& [ticket, session] : sessions_) {
    if (isolation_ != Isolation::shared && session.batch != batch_) continue;
    lost.push_back(ticket);
    if (is_work(session.input)) shards.insert(due_shard(session.input));
  }
  for (const Finished& each : finished)
    if (!each.due_shard.empty()) shards.insert(each.due_shard);
  log_.error("batch_lost", {{"sessions", lost.size()}, {"answers", finished.size()}});
  for (Finished& each : finished) {
    if (each.refusal) {
      finished_.push_back(std::move(each));
    } else if (each.answer) {
      refuse(std::move(each.answer), Refusal::storage_down);
    }
  }
  for (const Ticket ticket : lost)
    if (const auto found = sessions_.find(ticket); found != sessions_.end()) end(found, Refusal::storage_down, false);
  wake_after_loss(shards);
}

/// The work of a lost batch is still due, and without a wake it would wait for the next sweep of all shards.
void Sessions::wake_after_loss(const std::set<std::string>& shards) {
  const auto doublings = std::min(batches_lost_in_a_row_++, loss_doublings_max);
  const UnixMillis then = unix_now() + wake_after_loss_first * (std::int64_t{1} << doublings);
  for (const std::string& shard : shards) background_.wake_at({shard, then});
}

}  // namespace lntpay::host
