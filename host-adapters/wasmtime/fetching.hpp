// The door to upstreams, as sessions see it.
#pragma once
#include <functional>
#include <memory>
#include <string>

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

/// An exchange whose answer is lines without an end of its own.
class Streaming {
 public:
  /// A line without its end, UTF-8.
  using Line = std::function<void(std::string)>;
  /// Why there are no more lines.
  using Closed = std::function<void(std::string)>;
  /// Whoever drops it hangs up, within a second or so; lines may still come until then.
  using Open = std::shared_ptr<void>;

  Streaming() = default;
  Streaming(const Streaming&) = delete;
  Streaming& operator=(const Streaming&) = delete;
  virtual ~Streaming() = default;

  /// `closed` is called exactly once, last. Both on any thread.
  [[nodiscard]] virtual Open stream(Outgoing asked, Line line, Closed closed) = 0;
};

}  // namespace lntpay::host
