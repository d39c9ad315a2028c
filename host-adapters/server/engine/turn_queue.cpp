// One queue for each name, and the order of their turns.
#include "host-adapters/server/engine/turn_queue.hpp"

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>
#include <variant>

#include "core/access/key_text.hpp"
#include "edge/http/request.hpp"

namespace lntpay::host {
namespace {

bool has_header(const Response& response, std::string_view name) {
  return std::ranges::contains(response.headers, name, &Header::name);
}

std::size_t hash_of_key(const Request& request) { return std::hash<std::string_view>()(bearer_token(request)); }

}  // namespace

void AcceptedKeys::note(const Request& request, const Response& response) {
  const bool proves = request.target.starts_with("/v1/") && response.status < 300 && has_header(response, "ratelimit");
  if (!proves || !parse_key_text(bearer_token(request))) return;
  if (recent_.size() == kept_max) former_ = std::exchange(recent_, {});
  recent_.insert(hash_of_key(request));
}

bool AcceptedKeys::has(const Request& request) const {
  const auto hash = hash_of_key(request);
  return recent_.contains(hash) || former_.contains(hash);
}

Turn turn_of(const Input& input, std::string shard, const AcceptedKeys& accepted) {
  if (std::holds_alternative<input::NodeEvents>(input) || std::holds_alternative<input::NodeStreamClosed>(input)) return {"node"};
  const auto* http = std::get_if<input::Http>(&input);
  if (http == nullptr || accepted.has(http->request)) return {std::move(shard)};
  return {"address " + std::string(client_address(http->request)), true};
}

void TurnQueue::push(const Turn& turn, Waiting waiting) {
  tickets_.insert(waiting.ticket);
  auto& side = sides_[turn.is_public ? 1 : 0];
  auto& own = side.waiting[turn.name];
  if (own.empty()) side.turns.push_back(turn.name);
  own.push_back(std::move(waiting));
}

TurnQueue::Waiting TurnQueue::pop() {
  if (sides_[next_].turns.empty()) next_ = 1 - next_;
  auto& side = sides_[next_];
  next_ = 1 - next_;
  auto name = std::move(side.turns.front());
  side.turns.pop_front();
  const auto own = side.waiting.find(name);
  auto next = std::move(own->second.front());
  own->second.pop_front();
  tickets_.erase(next.ticket);
  if (own->second.empty()) {
    side.waiting.erase(own);
  } else {
    side.turns.push_back(std::move(name));
  }
  return next;
}

}  // namespace lntpay::host
