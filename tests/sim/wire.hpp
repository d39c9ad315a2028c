// The network between the host and the others: requests that take time, get lost on either way, arrive late, twice or in pieces.
#pragma once
#include <functional>
#include <memory>

#include "tests/sim/scene.hpp"

namespace lntpay::sim {

/// How a peer answers a request that arrived: what it has said so far, the whole, or a broken connection.
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
  /// Whether anybody listens there.
  [[nodiscard]] virtual bool listens() const { return true; }
};

class Wire {
 public:
  explicit Wire(Scene& scene) : scene_(scene) {}
  /// `answer` is called once, later.
  void send(const Outgoing& request, Peer& peer, std::function<void(Reply)> answer);

 private:
  struct Exchange;
  void deliver(const std::shared_ptr<Exchange>& exchange, Millis delay);
  [[nodiscard]] Fault draw_fault(bool once);

  Scene& scene_;
};

}  // namespace lntpay::sim
