// The host: runs the engine, natively or as a component, and does the work of a real host in one
// thread. Sessions interleave between any two effects; the process can crash before and after every effect.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "host-adapters/common/instance.hpp"
#include "tests/sim/scene.hpp"
#include "tests/sim/trace.hpp"
#include "tests/sim/wire.hpp"

namespace lntpay::sim {

/// A session's outcome; nullopt: the process crashed, and the outcome is unknown.
using OnEnd = std::function<void(std::optional<Outcome>)>;

class Host {
 public:
  Host(Scene& scene, host::MakeInstance make, Peer& lnd, Peer& receivers);

  void submit(Input input, OnEnd on_end);
  /// Performs one effect of a random session. False: all wait for time or the network.
  bool advance();
  /// Performs every effect that can be performed now, in random order.
  void settle();
  /// Crashes the process and starts another.
  void crash();
  [[nodiscard]] bool idle() const { return sessions_.empty(); }
  /// Grows with each crash.
  [[nodiscard]] std::uint64_t generation() const { return generation_; }

  // The host's clock.
  [[nodiscard]] UnixMillis now() const { return stalled_at_.value_or(scene_.agenda.now() + skew_); }
  void set_skew(Millis skew) { skew_ = skew; }
  void stall(bool stalled) { stalled_at_ = stalled ? std::optional(now()) : std::nullopt; }
  [[nodiscard]] Millis skew() const { return skew_; }
  /// From now on, the host wakes the shards of live challenges at every start and every minute. A wake of a shard without due work
  /// changes nothing, and is left out.
  void tick_challenges();

  /// Crashes after this many further moments; each effect has two, before and after it. For flows that crash anywhere.
  std::optional<std::size_t> moments_until_crash;

  std::function<void()> on_restart;  ///< after a crash, when the lost sessions have ended
  std::vector<std::string> log;      ///< lines for the operator
  Trace trace;
  Trace trace_without_wording{false};
  std::uint64_t effects = 0;

 private:
  struct Session {
    std::uint64_t number = 0;
    std::vector<Effect> asked;
    std::vector<std::optional<Reply>> replies;
    std::size_t next = 0;     ///< effect to be performed
    std::size_t missing = 0;  ///< outstanding replies
    OnEnd on_end;
    std::optional<std::string> shard;  ///< of a wake or task
  };
  using Ticket = std::uint64_t;

  void start();
  [[nodiscard]] Moment moment();
  void begin(Input input, OnEnd on_end, std::optional<std::string> shard);
  void take(Ticket ticket, std::expected<Step, host::Trap> step);
  void perform_next(Ticket ticket, Session& session);
  [[nodiscard]] bool crashes(Fault fault);
  void reply(Ticket ticket, std::size_t effect, Reply what);
  [[nodiscard]] bool can_advance(const Session& session) const;
  [[nodiscard]] CommitFault store_fault(const Effect& effect);

  void hint(const std::string& shard, UnixMillis at);
  void wake_at(const std::string& shard, UnixMillis at);
  void begin_task(const std::string& shard, const std::string& key);
  void sweep_later(const std::string& shard, Millis span);
  void sweep(const std::string& shard);
  void wake_challenges();
  [[nodiscard]] UnixMillis at_host_time(UnixMillis at) const;

  Scene& scene_;
  host::MakeInstance make_;
  Peer& lnd_;
  Peer& receivers_;
  Wire wire_;
  std::unique_ptr<host::Instance> instance_;
  std::map<Ticket, Session> sessions_;
  Ticket last_ticket_ = 0;
  std::uint64_t generation_ = 0;
  std::set<std::pair<std::string, UnixMillis>> wakes_;
  std::map<std::string, UnixMillis> sweeps_;
  bool ticks_ = false;
  Millis skew_{};
  std::optional<UnixMillis> stalled_at_;
  std::optional<std::array<std::uint64_t, 4>> last_entropy_;
};

}  // namespace lntpay::sim
