// The worker's loop: replies and inputs in alternation, with a share of every batch for background work.
#include "host-adapters/server/engine/worker.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace lntpay::host {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t background_per_batch_max = 64;
/// The system clock may be set while the worker sleeps, so it re-reads the clock at least this often.
constexpr std::chrono::milliseconds sleep_max{1'000};

}  // namespace

Worker::Worker(WorkerOptions options, std::unique_ptr<Store> store, MakeInstance make_instance, Fetching& fetching, const Log& log,
               Metrics& metrics)
    : options_(options),
      store_(std::move(store)),
      fetching_(fetching),
      sessions_(*store_, std::move(make_instance), options.isolation, options.sessions, log, metrics),
      sweep_at_(SteadyClock::now()) {}

Worker::~Worker() { stop(); }

std::expected<void, std::string> Worker::start() {
  if (auto prepared = sessions_.prepare(); !prepared) return prepared;
  thread_ = std::thread([this] { run(); });
  return {};
}

Ticket Worker::submit(Input input, Answer answer) {
  const Ticket ticket = next_ticket_.fetch_add(1, std::memory_order_relaxed);
  inbox_->push(Begin{ticket, std::move(input), std::move(answer)});
  return ticket;
}

void Worker::cancel(Ticket ticket) { inbox_->push(Cancel{ticket}); }

void Worker::drain() { inbox_->push(Drain{}); }

bool Worker::idle() const {
  const std::lock_guard lock(inbox_->mutex);
  return inbox_->queue.empty() && inbox_->idle;
}

void Worker::stop() {
  {
    const std::lock_guard lock(inbox_->mutex);
    inbox_->stopping = true;
  }
  inbox_->arrived.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Worker::Inbox::push(Event event) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex);
    if (stopping) return;
    queue.push_back(std::move(event));
    wake = std::exchange(sleeping, false);
  }
  if (wake) arrived.notify_one();
}

void Worker::run() {
  while (take_arrived()) batch();
  store_.reset();
}

bool Worker::take_arrived() {
  const auto sweep_in = std::chrono::duration_cast<std::chrono::milliseconds>(sweep_at_ - SteadyClock::now());
  std::chrono::milliseconds sleep = std::clamp(sweep_in + std::chrono::milliseconds(1), std::chrono::milliseconds(0), sleep_max);
  if (const auto next = sessions_.next_time()) {
    const auto until = std::max<std::int64_t>((*next - unix_now()).value, 0);
    sleep = std::min(sleep, std::chrono::milliseconds(until));
  }
  std::unique_lock lock(inbox_->mutex);
  std::vector<Event>& queue = inbox_->queue;
  if (!has_work()) inbox_->idle = sessions_.size() == 0;
  if (queue.empty() && !has_work() && sleep.count() > 0 && !inbox_->stopping) {
    inbox_->sleeping = true;
    inbox_->arrived.wait_for(lock, sleep, [&] { return inbox_->stopping || !queue.empty(); });
    inbox_->sleeping = false;
  }
  if (inbox_->stopping && queue.empty() && !has_work()) return false;
  inbox_->idle = false;
  std::swap(arrived_, queue);
  lock.unlock();
  sort_arrived();
  return true;
}

void Worker::sort_arrived() {
  if (next_event_ == events_.size()) {
    events_.clear();
    next_event_ = 0;
  }
  for (auto& event : arrived_) {
    if (auto* begun = std::get_if<Begin>(&event)) {
      const auto turn = turn_of(begun->input);
      turns_.push(turn, std::move(*begun));
      continue;
    }
    const auto* canceled = std::get_if<Cancel>(&event);
    if (canceled != nullptr && turns_.contains(canceled->ticket)) {
      canceled_.insert(canceled->ticket);
    } else {
      events_.push_back(std::move(event));
    }
  }
  arrived_.clear();
}

void Worker::batch() {
  const auto end = SteadyClock::now() + options_.batch_time_max;
  std::size_t left = options_.batch_operations_max;
  const auto may_continue = [&] { return left > 0 && SteadyClock::now() < end; };
  if (SteadyClock::now() >= sweep_at_) {
    sessions_.wake_all_shards();
    sweep_at_ = SteadyClock::now() + options_.sweep_every;
  }
  sessions_.count_webhooks();
  do {
    while (may_continue() && sessions_.resume_woken()) --left;
    queue_yielded();
    while (has_work() && may_continue()) perform_next(left);
    if (has_work()) break;
    {
      const std::lock_guard lock(inbox_->mutex);
      std::swap(arrived_, inbox_->queue);
    }
    sort_arrived();
  } while (has_work() && may_continue());
  begin_background();
  queue_yielded();
  release(sessions_.end_batch());
}

/// Last in the batch, so that it includes what the batch has made due: a webhook leaves with the response to the payment.
void Worker::begin_background() {
  const auto end = SteadyClock::now() + options_.batch_time_max / 2;
  for (std::size_t i = 0; i < background_per_batch_max && (i == 0 || SteadyClock::now() < end); ++i) {
    if (!sessions_.begin_background()) return;
  }
}

void Worker::perform_next(std::size_t& left) {
  if (next_event_ < events_.size()) {
    perform(std::move(events_[next_event_++]));
    --left;
  }
  if (!turns_.empty() && left > 0) {
    begin(turns_.pop());
    --left;
  }
  queue_yielded();
}

void Worker::queue_yielded() {
  for (const auto ticket : sessions_.take_yielded()) {
    const auto* input = sessions_.input_of(ticket);
    if (input != nullptr) turns_.push(turn_of(*input), {.ticket = ticket, .resumes = true});
  }
}

void Worker::perform(Event event) {
  if (auto* replied = std::get_if<Replied>(&event)) {
    sessions_.reply(replied->to, std::move(replied->reply));
  } else if (const auto* canceled = std::get_if<Cancel>(&event)) {
    sessions_.cancel(canceled->ticket);
  } else {
    sessions_.drain();
  }
}

/// A canceled one begins too: a client that disconnects leaves no operation undone that it requested.
void Worker::begin(Begin begun) {
  const auto ticket = begun.ticket;
  if (begun.resumes) {
    sessions_.resume_yielded(ticket);
  } else {
    const auto* http = std::get_if<input::Http>(&begun.input);
    if (http != nullptr && !accepted_.has(http->request)) begun.answer = noting_key(http->request, std::move(begun.answer));
    sessions_.begin(ticket, std::move(begun.input), std::move(begun.answer));
  }
  if (canceled_.erase(ticket) > 0) sessions_.cancel(ticket);
}

Answer Worker::noting_key(const Request& request, Answer answer) {
  Request head{.target = request.target, .headers = {}};
  std::ranges::copy_if(request.headers, std::back_inserter(head.headers),
                       [](const Header& each) { return each.name == "authorization"; });
  if (head.headers.empty()) return answer;
  return [this, head = std::move(head), answer = std::move(answer)](Outcome outcome) {
    if (outcome.response) accepted_.note(head, *outcome.response);
    if (answer) answer(std::move(outcome));
  };
}

void Worker::release(Released released) {
  for (auto& each : released.answers) each.answer(std::move(each.outcome));
  for (auto& each : released.fetches) {
    auto answered = [inbox = inbox_, to = each.from](Reply reply) { inbox->push(Replied{to, std::move(reply)}); };
    fetching_.fetch(std::move(each.asked), std::move(answered));
  }
}

}  // namespace lntpay::host
