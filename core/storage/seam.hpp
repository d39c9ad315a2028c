// The one door between a running operation and its host.
//
// An operation is a tree of coroutines. When a leaf needs the world it hands its effects to the seam and everything
// suspends; the host performs them and answers; the leaf goes on. All control passes through `run`, never through nested
// resumes, so that a loop of a million steps uses no stack on engines without tail calls.
#pragma once
#include <coroutine>
#include <utility>
#include <vector>

#include "core/storage/effect.hpp"

namespace lntpay {

class Seam {
 public:
  /// Awaitable: performs the effects together; yields one reply each, in order.
  struct Exchange {
    Seam& seam;
    std::vector<Effect> effects;
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> leaf) {
      seam.asked_ = std::move(effects);
      seam.leaf_ = leaf;
    }
    std::vector<Reply> await_resume() { return std::move(seam.replies_); }
  };

  explicit Seam(UnixMillis now) : now_(now) {}
  Seam(const Seam&) = delete;
  Seam& operator=(const Seam&) = delete;
  ~Seam() = default;

  Exchange perform(std::vector<Effect> effects) { return {*this, std::move(effects)}; }
  Exchange perform(Effect effect) {
    Exchange exchange{*this, {}};
    exchange.effects.push_back(std::move(effect));
    return exchange;
  }

  /// The host's clock at the last call into the engine.
  [[nodiscard]] UnixMillis now() const { return now_; }

  // The coroutines' side: who goes on next.
  void go_on(std::coroutine_handle<> next) { next_ = next; }

  // The host's side.
  void run() {
    while (next_) std::exchange(next_, {}).resume();
  }
  /// What the operation asks for; empty once it has ended.
  [[nodiscard]] const std::vector<Effect>& asked() const { return asked_; }
  std::vector<Effect> take_effects() { return std::exchange(asked_, {}); }
  [[nodiscard]] bool waiting() const { return static_cast<bool>(leaf_); }
  void answer(UnixMillis now, std::vector<Reply> replies) {
    now_ = now;
    replies_ = std::move(replies);
    next_ = std::exchange(leaf_, {});
    run();
  }

 private:
  UnixMillis now_;
  std::vector<Effect> asked_;
  std::vector<Reply> replies_;
  std::coroutine_handle<> leaf_;
  std::coroutine_handle<> next_;
};

}  // namespace lntpay
