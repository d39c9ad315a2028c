// Backoff by client.
#include "host-adapters/server/engine/trap_history.hpp"

#include <algorithm>
#include <variant>

namespace lntpay::host {
namespace {

constexpr std::size_t clients_max = 1'000;
constexpr int traps_tolerated = 2;
constexpr int doublings_max = 9;
constexpr Millis forgotten_after = minutes(10);
constexpr Millis refused_for_max = minutes(5);

/// Requests with a key are its own; others, as a checkout page's, are distinguished by their path.
std::string client_of(const Input& input) {
  const Request* request = nullptr;
  if (const auto* http = std::get_if<input::Http>(&input)) request = &http->request;
  if (const auto* gate = std::get_if<input::Gate>(&input)) request = &gate->request;
  if (request == nullptr) return {};
  const auto line = std::ranges::find(request->headers, "authorization", &Header::name);
  return line != request->headers.end() ? line->value : request->target.substr(0, request->target.find('?'));
}

}  // namespace

bool TrapHistory::refuses(const Input& input, UnixMillis now) const {
  if (traps_.empty()) return false;
  const auto found = traps_.find(client_of(input));
  if (found == traps_.end() || found->second.count <= traps_tolerated) return false;
  const auto doublings = std::min(found->second.count - traps_tolerated - 1, doublings_max);
  return now < found->second.last + std::min(seconds(std::int64_t{1} << doublings), refused_for_max);
}

void TrapHistory::trapped(const Input& input, UnixMillis now) {
  const auto client = client_of(input);
  if (client.empty()) return;
  std::erase_if(traps_, [now](const auto& each) { return now >= each.second.last + forgotten_after; });
  if (traps_.size() >= clients_max) traps_.clear();
  auto& traps = traps_[client];
  ++traps.count;
  traps.last = now;
}

}  // namespace lntpay::host
