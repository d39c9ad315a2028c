// The host: the engine behind `host::Instance`, natively or as a component, and everything that a real host does for it, in one
// thread. Sessions stand between any two of their effects while others go on; the process can die at each side of every effect.
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

/// How a session ended; nullopt: the process died, and what became of it is not known.
using OnEnd = std::function<void(std::optional<Outcome>)>;

class Host {
 public:
  Host(Scene& scene, host::MakeInstance make, Peer& lnd, Peer& receivers);

  void submit(Input input, OnEnd on_end);
  /// Lets one session, drawn by random, go one effect further. False: all wait for time or for the network.
  bool advance();
  /// All that can go on now goes on, in a drawn order.
  void settle();
  /// The process dies; another takes its place.
  void die();
  [[nodiscard]] bool idle() const { return sessions_.empty(); }
  /// Grows with each death.
  [[nodiscard]] std::uint64_t generation() const { return generation_; }

  // The host's clock.
  [[nodiscard]] UnixMillis now() const { return stalled_at_.value_or(scene_.agenda.now() + skew_); }
  void set_skew(Millis skew) { skew_ = skew; }
  void stall(bool stalled) { stalled_at_ = stalled ? std::optional(now()) : std::nullopt; }
  [[nodiscard]] Millis skew() const { return skew_; }

  /// Dies after so many further moments, of which each effect has two, before and after; for flows that die anywhere.
  std::optional<std::size_t> moments_until_death;

  std::function<void()> on_start_again;  ///< after a death, when the lost sessions have been told
  std::vector<std::string> log;          ///< what sessions told the operator
  Trace trace;
  std::uint64_t effects = 0;

 private:
  struct Session {
    std::uint64_t number = 0;
    std::vector<Effect> asked;
    std::vector<std::optional<Reply>> replies;
    std::size_t next = 0;     ///< effect to be performed
    std::size_t missing = 0;  ///< replies that are not there yet
    OnEnd on_end;
    std::optional<std::string> shard;  ///< of a wake or task
  };
  using Ticket = std::uint64_t;

  void start();
  [[nodiscard]] Moment moment();
  void begin(Input input, OnEnd on_end, std::optional<std::string> shard);
  void take(Ticket ticket, std::expected<Step, host::Trap> step);
  void perform_next(Ticket ticket, Session& session);
  [[nodiscard]] bool dies(Fault fault);
  void reply(Ticket ticket, std::size_t effect, Reply what);
  [[nodiscard]] bool can_go_on(const Session& session) const;
  [[nodiscard]] CommitFault store_fault(const Effect& effect);

  void hint(const std::string& shard, UnixMillis at);
  void wake_at(const std::string& shard, UnixMillis at);
  void begin_task(const std::string& shard, const std::string& key);
  void sweep_later(const std::string& shard, Millis span);
  void sweep(const std::string& shard);
  [[nodiscard]] UnixMillis when_host_says(UnixMillis at) const;

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
  Millis skew_{};
  std::optional<UnixMillis> stalled_at_;
  std::optional<std::array<std::uint64_t, 4>> last_entropy_;
};

}  // namespace lntpay::sim
