// Every session of one worker, and the instances that they live in: begins, resumes and abandons them, performs their store
// effects, and holds back what they produce until the batch is durable.
#pragma once
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

#include "edge/engine/contract.hpp"
#include "host-adapters/common/instance.hpp"
#include "host-adapters/server/engine/due_work_scheduler.hpp"
#include "host-adapters/server/engine/moments.hpp"
#include "host-adapters/server/engine/wait_table.hpp"
#include "host-adapters/server/ops/log.hpp"
#include "host-adapters/server/ops/metrics.hpp"
#include "host-adapters/stores/host_store.hpp"

namespace lntpay::host {

/// A host's number for a session; unlike the engine's own it is unique over all instances.
using Ticket = std::uint64_t;

/// Called once with how the session ended, unless it is cancelled before.
using Answer = std::function<void(Outcome)>;

/// Whether one instance serves everybody, or each session has one of its own.
enum class Isolation : std::uint8_t { shared, session };

struct SessionLimits {
  std::size_t sessions_max = 20'000;
  /// Runs of one session without a pause; only a loop that never ends has more.
  std::size_t steps_max = 10'000;
};

/// What a durable batch lets out.
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

/// Single-threaded, never sleeps: the worker calls it inside batches.
///
/// Between two calls of `end_batch` everything that sessions do belongs to one batch of the store. If that is lost, all that was
/// begun, read or written in it is as if it had never been: its requests are answered `storage_down`, and with a shared
/// instance every session of it ends so, because the instance's caches may hold what was never written.
class Sessions {
 public:
  Sessions(Store& store, MakeInstance make_instance, Isolation isolation, SessionLimits limits, const Log& log, Metrics& metrics);

  /// Makes the first instance, so that a wrong configuration is seen at start.
  std::expected<void, std::string> prepare();

  void begin(Ticket ticket, Input input, Answer answer);
  /// The reply to one effect of a session; ignored when the session is gone.
  void reply(const Waiter& to, Reply reply);
  /// Nobody wants the answer any more. A session that waits, now or later, is abandoned; others finish what they began, so that
  /// a client that goes away leaves nothing half done.
  void cancel(Ticket ticket);

  /// Lists the shards in use and has each woken now: what makes up for lost wakes.
  void wake_all_shards();
  /// Begins the next wake or task; false when none is due.
  bool begin_background();
  /// Resumes the waits that a durable write or their time has ended; false when there are none.
  bool resume_woken();

  /// Makes the batch durable and hands out what it held back.
  Released end_batch();

  /// From now on no session waits, so that each ends with what is true now, and no background work is begun.
  void drain();

  /// The time until which there is nothing to do without new input.
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
    bool unwanted = false;      ///< cancelled
    std::optional<Input> work;  ///< the wake or task that it is, else nothing
    std::vector<std::optional<Reply>> replies;
    std::size_t missing = 0;  ///< replies that are not there yet
    std::uint64_t batch = 0;  ///< the last batch that it ran in
  };
  struct Finished {
    Answer answer;
    Outcome outcome;
    bool refusal = false;     ///< followed from nothing in the store
    std::string due_shard{};  ///< where it was background work
  };
  using Found = std::unordered_map<Ticket, Session>::iterator;

  void run(Ticket ticket, std::expected<Step, Trap> step);
  void perform(Ticket ticket, Session& session, std::vector<Effect> effects);
  std::optional<Reply> perform_now(const Waiter& waiter, Effect effect);
  void finish(Found session, Outcome outcome);
  void end(Found found, Refusal why, bool trapped);
  void refuse(Answer answer, Refusal why);
  Outcome refusal(Refusal why);
  void lose(std::shared_ptr<Home> lost, Ticket culprit, const std::string& why);
  void lose_batch();
  void look_again_soon(const std::set<std::string>& shards);
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
  Background background_;
  Ticket next_background_ = Ticket{1} << 63;  ///< tickets from here on are background work's
  bool draining_ = false;

  std::uint64_t batch_ = 1;
  bool batch_open_ = false;
  int batches_lost_in_a_row_ = 0;
  std::vector<Finished> finished_;
  std::vector<Released::Fetch> fetches_;
  std::unordered_set<std::string> written_;
  std::vector<Waiter> woken_;
};

}  // namespace lntpay::host
