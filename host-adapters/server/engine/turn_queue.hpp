// Inputs that wait to begin, in turns: a workspace whose requests fill the queue delays another's by one request.
#pragma once
#include <cstddef>
#include <deque>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "host-adapters/server/engine/sessions.hpp"

namespace lntpay::host {

/// Whose turn an input takes. A workspace is known only once its key was looked up, but a key or an id names its shard, which few
/// workspaces share: "Ab". Requests that name none take turns by the client's address, and the node's stream has a turn of its own.
/// `shard`: Engine::place.
std::string turn_of(const Input& input, std::string shard);

/// Inputs with one name begin in the order in which they came; the names take turns.
class TurnQueue {
 public:
  struct Waiting {
    Ticket ticket = 0;
    Input input;
    Answer answer;
  };

  void push(const std::string& name, Waiting waiting);
  /// The first one of the name whose turn it is. There must be one.
  Waiting pop();

  [[nodiscard]] bool empty() const { return turns_.empty(); }
  [[nodiscard]] bool contains(Ticket ticket) const { return tickets_.contains(ticket); }

 private:
  std::unordered_map<std::string, std::deque<Waiting>> waiting_;  ///< by name; no queue is empty
  std::deque<std::string> turns_;                                 ///< the names that wait, in the order of their turns
  std::unordered_set<Ticket> tickets_;
};

}  // namespace lntpay::host
