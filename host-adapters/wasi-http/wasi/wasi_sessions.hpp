// Sessions of the engine, all at once in the one thread that a guest has: each goes on when its own effects have their replies.
#pragma once
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <vector>

#include "host-adapters/common/instance.hpp"
#include "host-adapters/wasi-http/effect_exchanges.hpp"
#include "host-adapters/wasi-http/wasi/exchange.hpp"

namespace lntpay::wasi_http {

class Sessions {
 public:
  using Ended = std::function<void(Outcome)>;

  /// Both outlive it.
  Sessions(host::Instance& engine, const Outside& outside) : engine_(engine), outside_(outside) {}
  ~Sessions();
  Sessions(const Sessions&) = delete;
  Sessions& operator=(const Sessions&) = delete;

  /// A session that does not end is ended as one whose instance was lost. `ended` may be called before this returns, and may begin
  /// further sessions.
  void begin(Input input, Ended ended);

  /// Lets all sessions go on until some of them ended, or until then.
  void run(std::optional<Uptime> until = std::nullopt);

  /// One effect that no session asked for.
  Reply perform(Effect effect) const;

  [[nodiscard]] std::size_t size() const { return running_.size(); }

 private:
  /// An effect that is being performed.
  struct Work {
    EffectExchanges batch;                 ///< what it takes
    std::unique_ptr<Exchange> exchange{};  ///< that is under way
    std::optional<Uptime> pause_until{};
    std::optional<Reply> reply{};
  };
  struct Running {
    std::uint64_t session = 0;
    std::vector<Work> work{};
    Ended ended;
    unsigned steps = 0;
    unsigned conflicts = 0;
    bool is_told = false;  ///< that the store failed it
    std::optional<Uptime> resume_at{};
  };

  /// Whether it ended or came further.
  bool advance(std::list<Running>::iterator at);
  static void advance(Work& work);
  static Millis after_conflicts(Running& running);
  static void tell_failure(Running& running);
  [[nodiscard]] Work begin(Effect effect) const;
  static void take(Work& work, Next next);
  void step(Step step, Running running);
  void wait(std::optional<Uptime> until) const;
  struct Waiting;

  host::Instance& engine_;
  const Outside& outside_;
  std::list<Running> running_;
  bool some_ended_ = false;
};

}  // namespace lntpay::wasi_http
