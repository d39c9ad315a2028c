// The only interface between a running operation and its host.
//
// An operation is a tree of coroutines. A leaf that needs an effect passes it to the seam, and the whole tree suspends; the host
// performs the effect and replies; the leaf resumes. All control passes through `run`, never through nested resumes, so a loop of
// a million steps uses no stack on engines without tail calls.
#pragma once
#include <coroutine>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/storage/effect.hpp"

namespace lntpay {

class Seam {
 public:
  /// Awaitable: performs the effects together; yields one reply for each, in order.
  struct Exchange {
    Seam& seam;
    std::vector<Effect> effects;
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> leaf) {
      seam.effects_ = std::move(effects);
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
  /// The size of the values of all rows that the session has read.
  [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }

  // For coroutines: the next one to resume.
  void schedule(std::coroutine_handle<> next) { next_ = next; }

  // For the host.
  void run() {
    while (next_) std::exchange(next_, {}).resume();
  }
  /// The effects to perform; empty once the operation has ended.
  std::vector<Effect> take_effects() { return std::exchange(effects_, {}); }
  [[nodiscard]] bool waiting() const { return static_cast<bool>(leaf_); }
  void answer(UnixMillis now, std::vector<Reply> replies) {
    now_ = now;
    replies_ = std::move(replies);
    for (const auto& reply : replies_) bytes_read_ += size_of_rows(reply);
    next_ = std::exchange(leaf_, {});
    run();
  }

 private:
  static std::uint64_t size_of_rows(const Reply& reply);

  UnixMillis now_;
  std::uint64_t bytes_read_ = 0;
  std::vector<Effect> effects_;
  std::vector<Reply> replies_;
  std::coroutine_handle<> leaf_;
  std::coroutine_handle<> next_;
};

}  // namespace lntpay
