// Backoff by key, and by shard or address.
#include "host-adapters/server/engine/trap_history.hpp"

#include <algorithm>
#include <variant>

#include "core/access/key_text.hpp"
#include "edge/http/request.hpp"

namespace lntpay::host {
namespace {

constexpr std::size_t clients_max = 1'000;
constexpr int key_traps_tolerated = 2;
constexpr int group_traps_tolerated = 10;
constexpr int backoff_doublings_max = 9;
constexpr Millis forgotten_after = minutes(10);
constexpr Millis key_refused_for_max = minutes(5);
constexpr Millis group_refused_for_max = minutes(1);

const Request* request_of(const Input& input) {
  if (const auto* http = std::get_if<input::Http>(&input)) return &http->request;
  if (const auto* gate = std::get_if<input::Gate>(&input)) return &gate->request;
  return nullptr;
}

/// A request with a key counts for the key; another one, such as a checkout page's, for its path.
std::string key_of(const Request& request) {
  const auto line = std::ranges::find(request.headers, "authorization", &Header::name);
  return line != request.headers.end() ? line->value : request.target.substr(0, request.target.find('?'));
}

/// The clients that a request counts for beside its own: with an API key, those of its workspace's shard, so that other keys of the
/// workspace do not evade its refusals and those of other workspaces do not share them; else those of its address.
std::string group_of(const Request& request) {
  if (const auto key = parse_key_text(bearer_token(request))) return "shard " + std::string(key->shard.text());
  const auto address = client_address(request);
  return address.empty() ? std::string() : "address " + std::string(address);
}

}  // namespace

bool TrapHistory::is_refused(const std::string& client, int tolerated, Millis refused_for_max, UnixMillis now) const {
  const auto found = traps_.find(client);
  if (found == traps_.end() || found->second.count <= tolerated) return false;
  const auto doublings = std::min(found->second.count - tolerated - 1, backoff_doublings_max);
  return now < found->second.last + std::min(seconds(std::int64_t{1} << doublings), refused_for_max);
}

bool TrapHistory::refuses(const Input& input, UnixMillis now) const {
  const auto* request = traps_.empty() ? nullptr : request_of(input);
  if (request == nullptr) return false;
  return is_refused(key_of(*request), key_traps_tolerated, key_refused_for_max, now) ||
         is_refused(group_of(*request), group_traps_tolerated, group_refused_for_max, now);
}

void TrapHistory::count(const std::string& client, UnixMillis now) {
  if (client.empty()) return;
  if (!traps_.contains(client) && traps_.size() >= clients_max)
    traps_.erase(std::ranges::min_element(traps_, {}, [](const auto& each) { return each.second.last; }));
  auto& traps = traps_[client];
  ++traps.count;
  traps.last = now;
}

void TrapHistory::trapped(const Input& input, UnixMillis now) {
  const auto* request = request_of(input);
  if (request == nullptr) return;
  std::erase_if(traps_, [now](const auto& each) { return now >= each.second.last + forgotten_after; });
  count(key_of(*request), now);
  count(group_of(*request), now);
}

}  // namespace lntpay::host
