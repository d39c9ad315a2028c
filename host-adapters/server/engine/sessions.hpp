// The sessions of one worker and their instances: begins, resumes and abandons sessions, performs their store effects, and holds
// their answers and fetches until the batch is durable.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "edge/contract/contract.hpp"
#include "host-adapters/common/instance.hpp"
#include "host-adapters/server/engine/due_work_scheduler.hpp"
#include "host-adapters/server/engine/trap_history.hpp"
#include "host-adapters/server/engine/wait_table.hpp"
#include "host-adapters/server/engine/webhook_census.hpp"
#include "host-adapters/server/ops/log.hpp"
#include "host-adapters/server/ops/metrics.hpp"
#include "host-adapters/server/ops/moments.hpp"
#include "host-adapters/stores/host_store.hpp"

namespace lntpay::host {

/// The host's number of a session, unique over all instances; the engine's own number is not.
using Ticket = std::uint64_t;

/// Called once with the session's outcome, unless the session was cancelled.
using Answer = std::function<void(Outcome)>;

/// One instance for all sessions, or one for each.
enum class Isolation : std::uint8_t { shared, session };

struct SessionLimits {
  std::size_t sessions_max = 20'000;
  /// Steps of one session without a wait; more indicate an endless loop.
  std::size_t steps_max = 10'000;
  /// A session that has run this long without a wait yields after its step, so that others get a turn.
  std::chrono::microseconds slice{5'000};
};

/// The answers and fetches that a durable batch releases.
struct Released {
  struct Answered {
    Answer answer;
    Outcome outcome;
  };
  struct Fetch {
    Waiter from;
    Outgoing asked;
  };
  std::vector<Answered> answers;
  std::vector<Fetch> fetches;
};

/// Single-threaded and never blocks: the worker calls it inside batches.
///
/// Everything between two calls of `end_batch` belongs to one batch of the store. When the batch is lost, each session that ran
/// in it is answered `storage_down`; with a shared instance every session is, because the instance may cache unwritten rows.
class Sessions {
 public:
  Sessions(Store& store, MakeInstance make_instance, Isolation isolation, SessionLimits limits, const Log& log, Metrics& metrics);

  /// Creates the first instance, so that a configuration error is reported at start.
  std::expected<void, std::string> prepare();

  void begin(Ticket ticket, Input input, Answer answer);
  /// The reply to one effect of a session; ignored when the session is gone.
  void reply(const Waiter& to, Reply reply);
  /// Discards the answer. A session that waits, now or later, is abandoned; any other runs to its end, so that a disconnecting
  /// client leaves no operation unfinished.
  void cancel(Ticket ticket);

  /// The sessions that have yielded since the last call. Each must be resumed in its turn.
  std::vector<Ticket> take_yielded() { return std::exchange(yielded_, {}); }
  /// Ignored when the session has not yielded: it is gone, or was restarted.
  void resume_yielded(Ticket ticket);
  /// What the session began with; null when it is gone.
  [[nodiscard]] const Input* input_of(Ticket ticket) const;

  /// Schedules a wake of every shard in use now, to replace lost wakes.
  void wake_all_shards();
  /// Continues the count of endpoints and queued deliveries for /metrics, for a millisecond.
  void count_webhooks();
  /// Begins the next wake or task; false when none is due.
  bool begin_background();
  /// Resumes one wait that a durable write or its time has ended; false when there is none.
  bool resume_woken();

  /// Makes the batch durable and returns what it releases.
  Released end_batch();

  /// Ends every wait, now and later, so that sessions answer with the present state; starts no more background work.
  void drain();

  /// When there is work to do without new input; nullopt: never.
  [[nodiscard]] std::optional<UnixMillis> next_time() const;
  [[nodiscard]] std::size_t size() const { return sessions_.size(); }

 private:
  struct Home {
    std::unique_ptr<Instance> instance;  ///< null once it trapped or was replaced
  };
  struct Session {
    std::shared_ptr<Home> home;
    std::uint64_t number = 0;  ///< within its instance
    Answer answer;
    bool unwanted = false;  ///< cancelled
    Input input;            ///< what it began with
    /// It has issued no durable commit and sent nothing but reads, and was not restarted before: when another session traps the
    /// instance, it is restarted.
    bool restartable = true;
    std::uint32_t run = 0;  ///< incremented by a restart: late replies to the former run are ignored
    std::vector<std::optional<Reply>> replies;
    std::size_t missing = 0;  ///< outstanding replies
    std::uint64_t batch = 0;  ///< the last batch that it ran in
    std::size_t steps = 0;    ///< since it last waited
    bool yielded = false;     ///< it has its replies and waits for its turn
  };
  struct Finished {
    Answer answer;
    Outcome outcome;
    bool refusal = false;     ///< independent of the store
    std::string due_shard{};  ///< of background work
    bool is_wake = false;
  };
  using Found = std::unordered_map<Ticket, Session>::iterator;

  void run(Ticket ticket, std::expected<Step, Trap> step);
  /// The next step of a session that has all its replies.
  std::expected<Step, Trap> next_step(Session& session);
  void perform(Ticket ticket, Session& session, std::vector<Effect> effects);
  std::optional<Reply> perform_now(const Waiter& waiter, Session& session, Effect effect);
  Reply checked(Reply reply);
  /// Of the due rows that a commit wrote: queues the tasks that are due now, which may begin in the same batch, and wakes shards at
  /// the times of the rest.
  void schedule(const Commit& commit);
  void report_damage(const Entry& row);
  void log_line(const std::string& line);
  void finish(Found session, Outcome outcome);
  void end(Found found, Refusal why, bool trapped);
  void refuse(Answer answer, Refusal why);
  Outcome refusal(Refusal why);
  void lose(std::shared_ptr<Home> lost, Ticket culprit, const std::string& why);
  void restart(Ticket ticket);
  void lose_batch();
  void publish_due(UnixMillis now);
  void wake_after_loss(const std::set<std::string>& shards);
  std::shared_ptr<Home> home();
  Store& open_store();

  Store& store_;
  MakeInstance make_instance_;
  Isolation isolation_;
  SessionLimits limits_;
  const Log& log_;
  Metrics& metrics_;
  Moments moments_;

  std::shared_ptr<Home> shared_home_;
  std::unordered_map<Ticket, Session> sessions_;
  WaitTable waits_;
  DueWorkScheduler background_;
  TrapHistory traps_;
  WebhookCensus census_;
  UnixMillis due_published_at_;
  Ticket next_background_ = Ticket{1} << 63;  ///< first ticket of background work
  bool draining_ = false;

  std::uint64_t batch_ = 1;
  bool batch_open_ = false;
  int batches_lost_in_a_row_ = 0;
  std::vector<Finished> finished_;
  std::vector<Released::Fetch> fetches_;
  std::unordered_set<std::string> written_;
  std::vector<Waiter> woken_;
  std::vector<Ticket> yielded_;
};

}  // namespace lntpay::host
