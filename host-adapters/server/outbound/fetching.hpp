// Interfaces for outbound HTTP: a whole exchange, a stream of lines, and a relayed response.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "core/storage/effect.hpp"

namespace lntpay::host {

class Fetching {
 public:
  /// Receives Answered, Broken, NotSent, NoAnswer or NotTried, with UTF-8 strings only.
  using Done = std::function<void(Reply)>;

  Fetching() = default;
  Fetching(const Fetching&) = delete;
  Fetching& operator=(const Fetching&) = delete;
  virtual ~Fetching() = default;

  /// Performs the exchange. `done` is called exactly once, on any thread, possibly before `fetch` returns.
  virtual void fetch(Outgoing asked, Done done) = 0;
};

/// An exchange whose response is an endless stream of lines.
class Streaming {
 public:
  /// Receives a line without its line feed, as UTF-8.
  using Line = std::function<void(std::string)>;
  /// Receives the reason why the stream ended.
  using Closed = std::function<void(std::string)>;
  /// Releasing it closes the connection within about a second; until then lines may still arrive.
  using Open = std::shared_ptr<void>;

  Streaming() = default;
  Streaming(const Streaming&) = delete;
  Streaming& operator=(const Streaming&) = delete;
  virtual ~Streaming() = default;

  /// `closed` is called exactly once, last. Both may be called on any thread.
  [[nodiscard]] virtual Open stream(Outgoing asked, Line line, Closed closed) = 0;
};

/// An exchange whose response is relayed as it arrives.
class Passing {
 public:
  struct Hearing {
    std::function<void(const Response& head)> head;  ///< once, without a body
    std::function<void(std::string)> piece;          ///< of the body: any bytes
    Fetching::Done end;  ///< exactly once, last: Answered, with an empty body, when the response is complete
  };
  using Open = std::shared_ptr<void>;

  Passing() = default;
  Passing(const Passing&) = delete;
  Passing& operator=(const Passing&) = delete;
  virtual ~Passing() = default;

  /// `timeout_ms` limits connecting only. Releasing `Open` closes the connection within about a second. Callbacks run on any
  /// thread.
  [[nodiscard]] virtual Open pass(Outgoing asked, Hearing hearing) = 0;
};

}  // namespace lntpay::host
