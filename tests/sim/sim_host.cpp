// Sessions, effects and crashes of the simulated host.
#include "tests/sim/sim_host.hpp"

#include <utility>

namespace lntpay::sim {

Host::Host(Scene& scene, host::MakeInstance make, Peer& lnd, Peer& receivers)
    : scene_(scene), make_(std::move(make)), lnd_(lnd), receivers_(receivers), wire_(scene) {
  start();
}

void Host::start() {
  auto made = make_();
  require(made.has_value(), "cannot create the engine: ", made ? std::string{} : made.error());
  instance_ = std::move(*made);
}

Moment Host::moment() {
  if (last_entropy_ && scene_.happens(Fault::random_repeated)) return {now(), *last_entropy_};
  last_entropy_ = {scene_.random.next(), scene_.random.next(), scene_.random.next(), scene_.random.next()};
  return {now(), *last_entropy_};
}

void Host::submit(Input input, OnEnd on_end) { begin(std::move(input), std::move(on_end), std::nullopt); }

void Host::begin(Input input, OnEnd on_end, std::optional<std::string> shard) {
  const auto ticket = ++last_ticket_;
  auto& session = sessions_[ticket];
  session.on_end = std::move(on_end);
  session.shard = std::move(shard);
  take(ticket, instance_->begin(moment(), std::move(input)));
}

void Host::take(Ticket ticket, std::expected<Step, host::Trap> step) {
  require(step.has_value(), "the engine trapped: ", step ? std::string{} : step.error().reason);
  trace.note(*step);
  trace_without_wording.note(*step);
  const auto found = sessions_.find(ticket);
  auto& session = found->second;
  if (auto* ask = std::get_if<lntpay::Ask>(&*step)) {
    session.number = ask->session;
    session.asked = std::move(ask->effects);
    session.replies.assign(session.asked.size(), std::nullopt);
    session.next = 0;
    session.missing = session.asked.size();
    return;
  }
  auto ended = std::move(session);
  sessions_.erase(found);
  auto& outcome = std::get<Outcome>(*step);
  for (auto& line : outcome.log) {
    scene_.narrate("    log: ", line);
    log.push_back(std::move(line));
  }
  for (const auto& wake : outcome.wake) hint(wake.shard, wake.at);
  for (const auto& task : outcome.tasks) begin_task(*ended.shard, task);
  if (ended.shard) sweep_later(*ended.shard, minutes(1));
  if (ended.on_end) ended.on_end(std::move(outcome));
}

bool Host::can_advance(const Session& session) const {
  if (session.next < session.asked.size() || session.missing == 0) return true;
  if (session.asked.size() != 1) return false;
  const auto* wait = std::get_if<WaitFor>(&session.asked.front());
  return wait != nullptr && (now() >= wait->until || !scene_.store.holds(wait->seen));
}

bool Host::advance() {
  std::vector<Ticket> able;
  for (const auto& [ticket, session] : sessions_) {
    if (can_advance(session)) able.push_back(ticket);
  }
  if (able.empty()) return false;
  const auto ticket = scene_.random.pick(able);
  auto& session = sessions_.at(ticket);
  if (session.next < session.asked.size()) {
    perform_next(ticket, session);
    return true;
  }
  std::vector<Reply> replies;
  replies.reserve(session.replies.size());
  if (session.missing > 0) {
    replies.emplace_back(Woken{});
  } else {
    for (auto& each : session.replies) replies.push_back(std::move(*each));
  }
  take(ticket, instance_->resume(session.number, moment(), std::move(replies)));
  return true;
}

void Host::settle() {
  constexpr int moves_max = 200'000;
  int moves = 0;
  while (advance()) require(++moves < moves_max, "I14 sessions do not end");
}

bool Host::crashes(Fault fault) {
  const bool scripted = moments_until_crash && (*moments_until_crash)-- == 0;
  if (scripted) moments_until_crash.reset();
  if (!scripted && !scene_.happens(fault)) return false;
  crash();
  return true;
}

void Host::perform_next(Ticket ticket, Session& session) {
  const auto index = session.next++;
  const auto& effect = session.asked[index];
  if (const auto* wait = std::get_if<WaitFor>(&effect)) {
    scene_.agenda.at(at_host_time(wait->until), [] {});  // so that time stops there
    return;
  }
  ++effects;
  if (crashes(Fault::kill_before)) return;
  if (const auto* outgoing = std::get_if<Outgoing>(&effect)) {
    auto& peer = outgoing->upstream == "webhook" ? receivers_ : lnd_;
    wire_.send(*outgoing, peer, [this, ticket, index, generation = generation_](Reply what) {
      if (generation == generation_) reply(ticket, index, std::move(what));
    });
    static_cast<void>(crashes(Fault::kill_after));
    return;
  }
  auto answer = scene_.store.perform(effect, store_fault(effect));
  if (crashes(Fault::kill_after)) return;
  reply(ticket, index, std::move(answer));
}

CommitFault Host::store_fault(const Effect& effect) {
  if (scene_.happens(Fault::store_error)) return CommitFault::failed;
  if (!std::holds_alternative<Commit>(effect)) return CommitFault::none;
  if (scene_.happens(Fault::store_conflict)) return CommitFault::conflict;
  if (scene_.happens(Fault::store_unknown_written)) return CommitFault::unknown_written;
  if (scene_.happens(Fault::store_unknown_not_written)) return CommitFault::unknown_not_written;
  return CommitFault::none;
}

void Host::reply(Ticket ticket, std::size_t effect, Reply what) {
  const auto found = sessions_.find(ticket);
  if (found == sessions_.end()) return;
  auto& session = found->second;
  session.replies[effect] = std::move(what);
  --session.missing;
}

void Host::crash() {
  scene_.narrate("    the process crashes with ", std::to_string(sessions_.size()), " sessions, and restarts");
  ++generation_;
  auto lost = std::exchange(sessions_, {});
  wakes_.clear();
  sweeps_.clear();
  start();
  scene_.store.below("00/shard/", [&](const std::string& key, const std::string&) {
    wake_at(key.substr(key.rfind('/') + 1), now());
    return true;
  });
  scene_.agenda.in({}, [this, generation = generation_] {
    if (ticks_ && generation == generation_) tick_challenges();
  });
  for (auto& [ticket, session] : lost) {
    if (session.on_end) session.on_end(std::nullopt);
  }
  if (on_restart) on_restart();
}

}  // namespace lntpay::sim
