// The thread that owns the store and the engine: takes inputs and replies from a queue, groups them into batches, and releases
// answers, fetches and further work when the batch is durable. Inputs begin in turns (turn_queue), in alternation with replies.
#pragma once
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <expected>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_set>
#include <variant>
#include <vector>

#include "host-adapters/server/engine/sessions.hpp"
#include "host-adapters/server/engine/turn_queue.hpp"
#include "host-adapters/server/outbound/fetching.hpp"
#include "host-adapters/stores/host_store.hpp"

namespace lntpay::host {

struct WorkerOptions {
  Isolation isolation = Isolation::shared;
  SessionLimits sessions;
  /// Requests and replies are performed until there is none left, or until one of these limits; then background work begins, for
  /// half of the time at most, but at least one task.
  std::size_t batch_operations_max = 256;
  std::chrono::microseconds batch_time_max{5'000};
  /// Interval at which every shard in use is woken, in case a wake was lost.
  std::chrono::milliseconds sweep_every{30'000};
};

/// Started by `start`, ended by `stop` or the destructor. The other calls are thread-safe.
class Worker {
 public:
  Worker(WorkerOptions options, std::unique_ptr<Store> store, MakeInstance make_instance, Fetching& fetching, const Log& log,
         Metrics& metrics);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Fails when no instance can be created; then no thread runs.
  std::expected<void, std::string> start();

  /// Begins a session. `answer` is called on the worker's thread, after its batch is durable; it must not block.
  Ticket submit(Input input, Answer answer);
  /// Discards the session's answer, which may still be called.
  void cancel(Ticket ticket);
  /// Ends all waits and starts no more background work.
  void drain();
  /// Whether the queue is empty and no session is open.
  [[nodiscard]] bool idle() const;
  /// Ends the thread after its current batch, and closes the store.
  void stop();

 private:
  using Begin = TurnQueue::Waiting;
  struct Replied {
    Waiter to;
    Reply reply;
  };
  struct Cancel {
    Ticket ticket;
  };
  struct Drain {};
  using Event = std::variant<Begin, Replied, Cancel, Drain>;

  /// Shared with other threads; outlives the worker while an exchange is in progress.
  struct Inbox {
    std::mutex mutex;
    std::condition_variable arrived;
    std::vector<Event> queue;
    bool sleeping = false;
    bool stopping = false;
    bool idle = true;

    void push(Event event);
  };

  void run();
  /// Takes what has arrived, sleeping first when there is no work. False when the worker must end.
  bool take_arrived();
  /// Moves `arrived_` to the other queues.
  void sort_arrived();
  void batch();
  void begin_background();
  [[nodiscard]] Turn turn_of(const Input& input) const { return host::turn_of(input, placing_.place(input), accepted_); }
  /// Sessions that have yielded continue in the turns of their shards.
  void queue_yielded();
  /// One reply and one input, if they have arrived.
  void perform_next(std::size_t& left);
  void perform(Event event);
  void begin(Begin begun);
  /// The answer to a request whose key is not accepted yet; it notes whether the key is.
  Answer noting_key(const Request& request, Answer answer);
  void release(Released released);
  [[nodiscard]] bool has_work() const { return next_event_ < events_.size() || !turns_.empty(); }

  WorkerOptions options_;
  std::unique_ptr<Store> store_;
  Fetching& fetching_;
  Sessions sessions_;
  std::shared_ptr<Inbox> inbox_ = std::make_shared<Inbox>();
  std::thread thread_;
  std::atomic<Ticket> next_ticket_{1};

  // The worker's own.
  std::vector<Event> arrived_;
  std::vector<Event> events_;  ///< all but what begins a session
  std::size_t next_event_ = 0;
  TurnQueue turns_;
  AcceptedKeys accepted_;
  std::unordered_set<Ticket> canceled_;  ///< of `turns_`
  Engine placing_;
  std::chrono::steady_clock::time_point sweep_at_;
};

}  // namespace lntpay::host
