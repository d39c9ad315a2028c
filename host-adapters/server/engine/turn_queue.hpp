// Inputs that wait to begin, and sessions that yielded, in turns: a workspace whose requests fill the queue delays another's by one
// request, or by one slice of it.
#pragma once
#include <array>
#include <cstddef>
#include <deque>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "host-adapters/server/engine/sessions.hpp"

namespace lntpay::host {

/// API keys with which a request was authenticated lately. Anyone can write a key of any shard: only an accepted one takes its
/// shard's turn.
class AcceptedKeys {
 public:
  /// A key that its response proves: a path of the API that counted the request in the key's rate limit, and did not refuse it.
  void note(const Request& request, const Response& response);
  [[nodiscard]] bool has(const Request& request) const;

 private:
  static constexpr std::size_t kept_max = 10'000;
  std::unordered_set<std::size_t> recent_;  ///< hashes of keys
  std::unordered_set<std::size_t> former_;
};

/// Whose turn an input takes: `Ab`, the shard of a workspace, which few share; `node`, the node's stream; or, for a request that
/// has no accepted key, its client's `address …`.
struct Turn {
  std::string name;
  bool is_public = false;  ///< by address
};
/// `shard`: Engine::place.
Turn turn_of(const Input& input, std::string shard, const AcceptedKeys& accepted);

/// What has one name begins, or continues, in the order in which it came. The names take turns, those of the public among
/// themselves: while both wait, every second turn is the public's, so no number of addresses delays a workspace by more.
class TurnQueue {
 public:
  struct Waiting {
    Ticket ticket = 0;
    Input input{};
    Answer answer{};
    bool resumes = false;  ///< it runs, and has yielded
  };

  void push(const Turn& turn, Waiting waiting);
  /// The first one of the name whose turn it is. There must be one.
  Waiting pop();

  [[nodiscard]] bool empty() const { return sides_[0].turns.empty() && sides_[1].turns.empty(); }
  [[nodiscard]] bool contains(Ticket ticket) const { return tickets_.contains(ticket); }

 private:
  struct Side {
    std::unordered_map<std::string, std::deque<Waiting>> waiting{};  ///< by name; no queue is empty
    std::deque<std::string> turns{};                                 ///< the names that wait, in the order of their turns
  };
  std::array<Side, 2> sides_;  ///< workspaces, and the public
  std::size_t next_ = 0;       ///< the side of the next turn, if it waits
  std::unordered_set<Ticket> tickets_;
};

}  // namespace lntpay::host
