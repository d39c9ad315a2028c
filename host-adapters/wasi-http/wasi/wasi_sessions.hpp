// The engine's sessions, concurrent on the single thread of a guest: each is resumed when its effects have their replies.
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

  /// Both must outlive this.
  Sessions(host::Instance& engine, const Outside& outside) : engine_(engine), outside_(outside) {}
  ~Sessions();
  Sessions(const Sessions&) = delete;
  Sessions& operator=(const Sessions&) = delete;

  /// A session above the limit of steps ends as if its instance were lost. `ended` may be called before this returns, and may begin
  /// further sessions.
  void begin(Input input, Ended ended);

  /// Runs all sessions until at least one has ended, or until the given time.
  void run(std::optional<Uptime> until = std::nullopt);

  /// Performs an effect outside any session.
  Reply perform(Effect effect) const;

  [[nodiscard]] std::size_t size() const { return running_.size(); }

 private:
  /// An effect in progress.
  struct Work {
    EffectExchanges exchanges;
    std::unique_ptr<Exchange> exchange{};  ///< the one in progress
    std::optional<Uptime> backoff_until{};
    std::optional<Reply> reply{};
  };
  struct Running {
    std::uint64_t session = 0;
    std::unique_ptr<StoreSilence> silence = std::make_unique<StoreSilence>();
    std::vector<Work> work{};
    Ended ended;
    unsigned steps = 0;
    unsigned conflicts = 0;
    bool failure_logged = false;  ///< of the store
    std::optional<Uptime> resume_at{};
  };

  /// Returns whether the session ended or advanced.
  bool advance(std::list<Running>::iterator at);
  static void advance(Work& work);
  static Millis after_conflicts(Running& running);
  static void log_failure(Running& running);
  [[nodiscard]] Work begin(Effect effect, StoreSilence& silence) const;
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
