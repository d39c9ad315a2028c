// Running sessions: the loop of begin, effects and resume, and the end of a batch.
#include "host-adapters/server/engine/sessions.hpp"

#include <algorithm>

#include "core/base/overload.hpp"
#include "core/base/utf8.hpp"
#include "core/charge/challenge_row.hpp"
#include "core/storage/row.hpp"
#include "core/storage/shard.hpp"
#include "core/tenant/due_work.hpp"
#include "host-adapters/common/row_utf8.hpp"
#include "host-adapters/stores/rules/store_limits.hpp"

namespace lntpay::host {
namespace {

constexpr std::string_view shard_list_prefix = "00/shard/";
constexpr std::size_t shard_size = 2;
constexpr std::string_view no_more_waiting = "the host is shutting down";
/// Delay of the next wake of a shard after a wake that listed only known tasks.
constexpr Millis fruitless_wake_pause = Millis{100};

bool is_durable(const Commit& asked) {
  return std::ranges::any_of(asked.ops, [](const Op& op) {
    return !is_volatile(std::visit([](const auto& each) -> const std::string& { return each.key; }, op));
  });
}

}  // namespace

Sessions::Sessions(Store& store, MakeInstance make_instance, Isolation isolation, SessionLimits limits, const Log& log,
                   Metrics& metrics)
    : store_(store),
      make_instance_(std::move(make_instance)),
      isolation_(isolation),
      limits_(limits),
      log_(log),
      metrics_(metrics) {}

std::expected<void, std::string> Sessions::prepare() {
  auto made = make_instance_();
  if (!made) return std::unexpected(made.error());
  if (isolation_ == Isolation::shared) shared_home_ = std::make_shared<Home>(std::move(*made));
  return {};
}

void Sessions::begin(Ticket ticket, Input input, Answer answer) {
  if (const auto* refused = std::get_if<input::Refused>(&input)) return refuse(std::move(answer), refused->why);
  if (!is_work(input) && (sessions_.size() >= limits_.sessions_max || traps_.refuses(input, unix_now())))
    return refuse(std::move(answer), Refusal::overloaded);
  Session session{.home = home(), .answer = std::move(answer), .input = input, .replies = {}, .batch = batch_};
  const auto [added, fresh] = sessions_.insert_or_assign(ticket, std::move(session));
  if (!added->second.home) return end(added, Refusal::engine_lost, false);
  run(ticket, added->second.home->instance->begin(moments_.next(), std::move(input)));
}

void Sessions::reply(const Waiter& to, Reply reply) {
  const auto found = sessions_.find(to.session);
  if (found == sessions_.end()) return;
  Session& session = found->second;
  if (to.run != session.run || to.effect >= session.replies.size() || session.replies[to.effect]) return;
  session.replies[to.effect] = std::move(reply);
  if (--session.missing > 0) return;
  session.steps = 0;
  run(to.session, next_step(session));
}

std::expected<Step, Trap> Sessions::next_step(Session& session) {
  std::vector<Reply> replies;
  replies.reserve(session.replies.size());
  for (auto& each : session.replies) replies.push_back(std::move(*each));
  session.replies.clear();
  return session.home->instance->resume(session.number, moments_.next(), std::move(replies));
}

void Sessions::resume_yielded(Ticket ticket) {
  const auto found = sessions_.find(ticket);
  if (found == sessions_.end() || !std::exchange(found->second.yielded, false)) return;
  run(ticket, next_step(found->second));
}

const Input* Sessions::input_of(Ticket ticket) const {
  const auto found = sessions_.find(ticket);
  return found == sessions_.end() ? nullptr : &found->second.input;
}

void Sessions::cancel(Ticket ticket) {
  const auto found = sessions_.find(ticket);
  if (found == sessions_.end()) return;
  found->second.answer = nullptr;
  found->second.unwanted = true;
  if (waits_.contains(ticket)) end(found, Refusal::overloaded, false);
}

void Sessions::run(Ticket ticket, std::expected<Step, Trap> step) {
  metrics_.operations.add();
  const auto slice_ends = std::chrono::steady_clock::now() + limits_.slice;
  for (;;) {
    const auto found = sessions_.find(ticket);
    Session& session = found->second;
    session.batch = batch_;
    if (!step) return lose(session.home, ticket, step.error().reason);
    if (auto* outcome = std::get_if<Outcome>(&*step)) return finish(found, std::move(*outcome));
    if (++session.steps == limits_.steps_max) return lose(session.home, ticket, "a session exceeded its limit of steps");
    auto& ask = std::get<Ask>(*step);
    session.number = ask.session;
    const std::size_t waits_before = waits_.size();
    perform(ticket, session, std::move(ask.effects));
    if (session.missing > 0) {
      if (session.unwanted && waits_.size() > waits_before) end(found, Refusal::overloaded, false);
      return;
    }
    if (std::chrono::steady_clock::now() >= slice_ends) {
      session.yielded = true;
      yielded_.push_back(ticket);
      return;
    }
    step = next_step(session);
  }
}

void Sessions::perform(Ticket ticket, Session& session, std::vector<Effect> effects) {
  session.replies.clear();
  session.replies.resize(effects.size());
  session.missing = 0;
  for (std::size_t i = 0; i < effects.size(); ++i) {
    session.replies[i] = perform_now({ticket, i, session.run}, session, std::move(effects[i]));
    if (!session.replies[i]) ++session.missing;
  }
}

std::optional<Reply> Sessions::perform_now(const Waiter& waiter, Session& session, Effect effect) {
  return std::visit(Overload{
                        [&](const Get& asked) -> std::optional<Reply> { return checked(open_store().get(asked)); },
                        [&](const Range& asked) -> std::optional<Reply> { return checked(open_store().scan(asked)); },
                        [&](const Commit& asked) -> std::optional<Reply> {
                          Reply done = open_store().commit(asked);
                          if (is_durable(asked)) session.restartable = false;
                          if (std::holds_alternative<Conflict>(done) || std::holds_alternative<Failed>(done)) return done;
                          if (waits_.size() > 0) {  // a later wait finds the rows as they are
                            for (const Op& op : asked.ops)
                              written_.insert(std::visit([](const auto& each) { return each.key; }, op));
                          }
                          schedule(asked);
                          return done;
                        },
                        [&](Outgoing& asked) -> std::optional<Reply> {
                          if (asked.method != "GET") session.restartable = false;
                          fetches_.push_back({waiter, std::move(asked)});
                          return std::nullopt;
                        },
                        [&](const WaitFor& asked) -> std::optional<Reply> {
                          std::vector<std::string> keys;
                          for (const Check& check : asked.seen) keys.push_back(check.key);
                          if (draining_) return Failed{std::string(no_more_waiting)};
                          if (asked.until <= unix_now()) return Woken{};
                          const Reply now = open_store().get({keys});
                          const auto* rows = std::get_if<Entries>(&now);
                          if (rows == nullptr) return Woken{};
                          for (std::size_t i = 0; i < keys.size(); ++i) {
                            const auto& row = rows->entries[i];
                            if ((row ? std::optional(row->version) : std::nullopt) != asked.seen[i].version) return Woken{};
                          }
                          waits_.add(waiter, std::move(keys), asked.until);
                          return std::nullopt;
                        },
                    },
                    effect);
}

/// The session may run on for long, with an exchange of its own, and only its outcome would name the times of its due rows.
/// A wake would find what is due now, too, but later and by scanning the shard; it finds what has no place in the queue. The row of
/// a task that begins after its batch was lost is gone, and the task ends.
void Sessions::schedule(const Commit& commit) {
  for (const Op& op : commit.ops) {
    const auto* put = std::get_if<Put>(&op);
    if (put == nullptr || put->key.find("/due/") != shard_size) continue;
    const auto at = due_time(put->key);
    const auto now = unix_now();
    if (at > now || !background_.offer_task(put->key, now)) background_.wake_at({put->key.substr(0, shard_size), at});
  }
}

Reply Sessions::checked(Reply reply) {
  return with_utf8_rows(std::move(reply), [this](const Entry& row) { report_damage(row); });
}

void Sessions::report_damage(const Entry& row) {
  metrics_.rows_damaged.add();
  log_.error("row_damaged", {{"key", replace_ill_formed(row.key)}});
}

/// A line of the engine. It reports rows that break their grammar and challenges that the node forgot, which it alone knows.
void Sessions::log_line(const std::string& line) {
  if (line.contains(row_damaged)) metrics_.rows_damaged.add();
  if (line.starts_with(challenge_forgotten)) metrics_.challenges_forgotten.add();
  log_.warn("engine", {{"message", line}});
}

void Sessions::finish(Found session, Outcome outcome) {
  Finished finished{std::move(session->second.answer), std::move(outcome)};
  if (const auto& input = session->second.input; is_work(input)) {
    background_.ended(input, false, unix_now());
    finished.due_shard = due_shard(input);
    finished.is_wake = std::holds_alternative<input::Wake>(input);
  }
  finished_.push_back(std::move(finished));
  sessions_.erase(session);
}

std::shared_ptr<Sessions::Home> Sessions::home() {
  if (shared_home_) return shared_home_;
  auto made = make_instance_();
  if (!made) {
    log_.error("engine_not_made", {{"reason", made.error()}});
    return nullptr;
  }
  auto fresh = std::make_shared<Home>(std::move(*made));
  if (isolation_ == Isolation::shared) shared_home_ = fresh;
  return fresh;
}

Store& Sessions::open_store() {
  if (!batch_open_) store_.begin_batch();
  batch_open_ = true;
  return store_;
}

Released Sessions::end_batch() {
  if (batch_open_) {
    batch_open_ = false;
    if (store_.end_batch() == Store::BatchEnd::lost) {
      lose_batch();
    } else {
      metrics_.batches_durable.add();
      batches_lost_in_a_row_ = 0;
    }
  }
  const UnixMillis now = unix_now();
  Released released;
  released.answers.reserve(finished_.size());
  for (Finished& each : finished_) {
    for (const std::string& line : each.outcome.log) log_line(line);
    bool fruitless = !each.outcome.tasks.empty();
    for (const std::string& task : each.outcome.tasks)
      if (background_.offer_task(task, now)) fruitless = false;
    for (const WakeAt& wake : each.outcome.wake) {
      // What a session's commits made due was scheduled when they were performed.
      if (!each.is_wake && wake.at <= now) continue;
      background_.wake_at({wake.shard, fruitless ? std::max(wake.at, now + fruitless_wake_pause) : wake.at});
    }
    if (each.answer) released.answers.push_back({std::move(each.answer), std::move(each.outcome)});
  }
  finished_.clear();
  std::erase_if(fetches_, [&](const Released::Fetch& each) { return !sessions_.contains(each.from.session); });
  released.fetches = std::exchange(fetches_, {});
  for (const std::string& key : written_) std::ranges::copy(waits_.take_written(key), std::back_inserter(woken_));
  written_.clear();
  ++batch_;
  metrics_.sessions.set(sessions_.size());
  metrics_.waits.set(waits_.size());
  metrics_.tasks.set(background_.tasks_running());
  publish_due(now);
  return released;
}

/// At most once a second.
void Sessions::publish_due(UnixMillis now) {
  if (now >= due_published_at_ && now < due_published_at_ + seconds(1)) return;
  due_published_at_ = now;
  metrics_.due.set(background_.figures());
}

void Sessions::count_webhooks() {
  const UnixMillis now = unix_now();
  const auto due = census_.next_time(now, UnixMillis{metrics_.read_at});
  if (!due || *due > now) return;
  if (const auto counts = census_.advance(open_store(), now)) metrics_.webhooks.set(counts);
}

void Sessions::wake_all_shards() {
  const UnixMillis now = unix_now();
  // Among them the operator's.
  for (unsigned number = 0; number < challenge_shard_count; ++number)
    background_.wake_at({std::string(Shard::number(number).text()), now});
  Range pages{std::string(shard_list_prefix), "", scan_limit_max, false};
  for (;;) {
    const Reply reply = open_store().scan(pages);
    const auto* page = std::get_if<Scanned>(&reply);
    if (page == nullptr) return;
    for (const Entry& row : page->entries) {
      const auto shard = row.key.substr(shard_list_prefix.size());
      if (Shard::parse(shard)) {
        background_.wake_at({shard, now});
      } else {
        report_damage(row);
      }
    }
    if (page->entries.size() < pages.limit) return;
    pages.after = page->entries.back().key;
  }
}

bool Sessions::begin_background() {
  if (draining_) return false;
  auto work = background_.next(unix_now());
  if (!work) return false;
  begin(next_background_++, std::move(*work), nullptr);
  return true;
}

bool Sessions::resume_woken() {
  std::ranges::copy(waits_.take_due(unix_now()), std::back_inserter(woken_));
  if (woken_.empty()) return false;
  const Waiter waiter = woken_.back();
  woken_.pop_back();
  reply(waiter, Woken{});
  return true;
}

void Sessions::drain() {
  draining_ = true;
  for (const Waiter& waiter : waits_.take_due(unix_millis_max)) reply(waiter, Failed{std::string(no_more_waiting)});
}

std::optional<UnixMillis> Sessions::next_time() const {
  const UnixMillis now = unix_now();
  if (!woken_.empty()) return now;
  const auto work = draining_ ? std::nullopt : background_.next_time(now);
  std::optional<UnixMillis> next;
  for (const auto& each : {work, waits_.next(), census_.next_time(now, UnixMillis{metrics_.read_at})})
    if (each) next = std::min(*each, next.value_or(*each));
  return next;
}

}  // namespace lntpay::host
