// The door to upstreams, as sessions see it.
#pragma once
#include <functional>

#include "core/effects/effect.hpp"

namespace lntpay::host {

class Fetching {
 public:
  /// Answered, Broken, NotSent or NoAnswer, every string of it UTF-8.
  using Done = std::function<void(Reply)>;

  Fetching() = default;
  Fetching(const Fetching&) = delete;
  Fetching& operator=(const Fetching&) = delete;
  virtual ~Fetching() = default;

  /// Makes the exchange. `done` is called exactly once, on any thread, possibly before `fetch` returns.
  virtual void fetch(Outgoing asked, Done done) = 0;
};

}  // namespace lntpay::host
