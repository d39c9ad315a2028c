// The network between the host and its peers: requests take time, get lost in either direction, arrive late, twice or in pieces.
#pragma once
#include <functional>
#include <memory>

#include "tests/sim/scene.hpp"

namespace lntpay::sim {

/// A peer's side of an exchange: sends a part, the whole response, or breaks the connection.
struct Line {
  std::function<void(Response)> part;
  std::function<void(Response)> end;
  std::function<void()> cut;
};

class Peer {
 public:
  Peer() = default;
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  virtual ~Peer() = default;
  virtual void arrive(const Outgoing& request, Line line) = 0;
  /// Whether the peer accepts connections.
  [[nodiscard]] virtual bool listens() const { return true; }
};

class Wire {
 public:
  explicit Wire(Scene& scene) : scene_(scene) {}
  /// `answer` is called exactly once, later.
  void send(const Outgoing& request, Peer& peer, std::function<void(Reply)> answer);

 private:
  struct Exchange;
  void deliver(const std::shared_ptr<Exchange>& exchange, Millis delay);
  [[nodiscard]] Fault draw_fault(bool once);

  Scene& scene_;
};

}  // namespace lntpay::sim
