// The network between the host and its peers: requests take time, get lost in either direction, arrive late, twice or in pieces.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>

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
  /// The network delivers this request twice.
  virtual void will_repeat(const Outgoing&) {}
};

class Wire {
 public:
  explicit Wire(Scene& scene) : scene_(scene) {}
  /// `answer` is called exactly once, later.
  void send(const Outgoing& request, Peer& peer, std::function<void(Reply)> answer);

 private:
  struct Exchange;
  /// The node's answers to the polls of one payment, numbered as it gave them.
  struct Polls {
    std::uint64_t given = 0;
    std::uint64_t arrived = 0;  ///< the latest
    std::string body;           ///< of that one
  };
  void note_arrival(const std::string& target, std::uint64_t number, const std::string& body);
  void deliver(const std::shared_ptr<Exchange>& exchange, Millis delay);
  [[nodiscard]] Fault draw_fault(const Outgoing& request);

  Scene& scene_;
  std::map<std::string, Polls> polls_;  ///< by target
};

}  // namespace lntpay::sim
