// The thread that owns the store and the engine: takes inputs and replies from a queue, groups them into batches, and lets
// answers, fetches and further work out once the batch is durable.
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
#include <variant>
#include <vector>

#include "host-adapters/server/engine/sessions.hpp"
#include "host-adapters/server/outbound/fetching.hpp"
#include "host-adapters/stores/host_store.hpp"

namespace lntpay::host {

struct WorkerOptions {
  Isolation isolation = Isolation::shared;
  SessionLimits sessions;
  /// A batch ends when nothing is left to do, or at one of these.
  std::size_t batch_operations_max = 256;
  std::chrono::microseconds batch_time_max{5'000};
  /// Every shard in use is woken this often, in case a wake was lost.
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

  /// Fails when no instance can be made. Then nothing runs.
  std::expected<void, std::string> start();

  /// Begins a session. `answer` is called on the worker's thread, after its batch is durable; it must not block.
  Ticket submit(Input input, Answer answer);
  /// Nobody waits for this session any more. Its answer may still be called.
  void cancel(Ticket ticket);
  /// Lets no session wait any more, and begins no background work.
  void drain();
  /// Sessions that have begun and not ended, and work in the queue.
  [[nodiscard]] bool idle() const;
  /// Ends the thread after the batch that it is in, and closes the store.
  void stop();

 private:
  struct Begin {
    Ticket ticket;
    Input input;
    Answer answer;
  };
  struct Replied {
    Waiter to;
    Reply reply;
  };
  struct Cancel {
    Ticket ticket;
  };
  struct Drain {};
  using Event = std::variant<Begin, Replied, Cancel, Drain>;

  /// What other threads share with the worker. It outlives the worker while an exchange is under way.
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
  /// Moves what is in the queue to `events_`; sleeps first when there is nothing to do. False when the worker is to end.
  bool take_events();
  void batch();
  void perform(Event event);
  void release(Released released);
  [[nodiscard]] bool has_events() const { return next_event_ < events_.size(); }

  WorkerOptions options_;
  std::unique_ptr<Store> store_;
  Fetching& fetching_;
  Sessions sessions_;
  std::shared_ptr<Inbox> inbox_ = std::make_shared<Inbox>();
  std::thread thread_;
  std::atomic<Ticket> next_ticket_{1};

  std::vector<Event> events_;  ///< the worker's own
  std::size_t next_event_ = 0;
  std::chrono::steady_clock::time_point sweep_at_;
};

}  // namespace lntpay::host
