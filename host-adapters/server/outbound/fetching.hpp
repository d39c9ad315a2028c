// The door to upstreams, as sessions see it.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "core/storage/effect.hpp"

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

/// An exchange whose answer is handed on as it comes, whatever it is.
class Passing {
 public:
  struct Hearing {
    std::function<void(const Response& head)> head;  ///< once, without a body
    std::function<void(std::string)> piece;          ///< of the body, as it came: any bytes
    Fetching::Done end;                              ///< exactly once, last: Answered, its body empty, where all of it came
  };
  using Open = std::shared_ptr<void>;

  Passing() = default;
  Passing(const Passing&) = delete;
  Passing& operator=(const Passing&) = delete;
  virtual ~Passing() = default;

  /// No deadline but for connecting: `timeout_ms`. Whoever drops `Open` hangs up, within a second or so. All on any thread.
  [[nodiscard]] virtual Open pass(Outgoing asked, Hearing hearing) = 0;
};

}  // namespace lntpay::host
