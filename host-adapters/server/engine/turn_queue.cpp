// One queue for each name, and the order of their turns.
#include "host-adapters/server/engine/turn_queue.hpp"

#include <string_view>
#include <utility>
#include <variant>

namespace lntpay::host {
namespace {

constexpr std::string_view no_shard = "00";

}  // namespace

std::string turn_of(const Input& input, std::string shard) {
  if (std::holds_alternative<input::NodeEvents>(input) || std::holds_alternative<input::NodeStreamClosed>(input)) return "node";
  const auto* http = std::get_if<input::Http>(&input);
  if (http != nullptr && shard == no_shard) return "address " + http->request.client;
  return shard;
}

void TurnQueue::push(const std::string& name, Waiting waiting) {
  tickets_.insert(waiting.ticket);
  auto& own = waiting_[name];
  if (own.empty()) turns_.push_back(name);
  own.push_back(std::move(waiting));
}

TurnQueue::Waiting TurnQueue::pop() {
  auto name = std::move(turns_.front());
  turns_.pop_front();
  const auto own = waiting_.find(name);
  auto next = std::move(own->second.front());
  own->second.pop_front();
  tickets_.erase(next.ticket);
  if (own->second.empty()) {
    waiting_.erase(own);
  } else {
    turns_.push_back(std::move(name));
  }
  return next;
}

}  // namespace lntpay::host
