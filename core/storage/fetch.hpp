// Fetch and Wait: outbound HTTP requests and waits for a change or a time.
#pragma once
#include <utility>
#include <vector>

#include "core/storage/task.hpp"

namespace lntpay {

class Fetch {
 public:
  explicit Fetch(Seam& seam) : seam_(seam) {}
  /// Sends all requests concurrently; one of Answered, Broken, NotSent, NoAnswer, NotTried for each, in order.
  Task<std::vector<Reply>> send_all(std::vector<Outgoing> requests) const {
    std::vector<Effect> effects;
    effects.reserve(requests.size());
    for (auto& request : requests) effects.emplace_back(std::move(request));
    co_return co_await seam_.perform(std::move(effects));
  }

 private:
  Seam& seam_;
};

class Wait {
 public:
  explicit Wait(Seam& seam) : seam_(seam) {}
  /// Returns when one of the rows has changed, at the time, or spuriously: read again. False when the host ends the wait: read for
  /// the last time.
  Task<Result<bool>> until(std::vector<Check> seen, UnixMillis at) const {
    const auto replies = co_await seam_.perform(WaitFor{std::move(seen), at});
    co_return std::holds_alternative<Woken>(replies.front());
  }

 private:
  Seam& seam_;
};

}  // namespace lntpay
