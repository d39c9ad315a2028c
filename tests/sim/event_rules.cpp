// I13 for events: a reader that follows the cursor reads every event once and in order, while new ones are added.
#include <algorithm>

#include "tests/sim/clients.hpp"

namespace lntpay::sim {

void Clients::follow_events() {
  const auto shop = any_shop();
  ask(shop, "GET",
      "/v1/events?limit=" + std::to_string(scene_.random.from(1, 100)) + "&after_seq=" + std::to_string(shops[shop].events_read));
}

void Clients::read_events(const Ask& ask, const std::string& body) {
  constexpr std::string_view from = "after_seq=";
  auto seq = number(std::string_view(ask.target).substr(ask.target.find(from) + from.size()));
  const auto tail = body.substr(body.rfind("\"has_more\""));
  const auto oldest = number(member(tail, "oldest_seq"));
  std::string_view rest = body;
  for (auto at = rest.find("{\"id\":\"evt_"); at != std::string_view::npos; at = rest.find("{\"id\":\"evt_", 1)) {
    rest.remove_prefix(at);
    const auto read = number(member(rest, "seq"));
    // A reader that was away for long continues at `oldest_seq`.
    const bool is_next = read == seq + 1 || (read > seq && read <= oldest);
    require(is_next, "I13 a reader of events misses one: ", ask.target, " ", rest.substr(0, 80));
    seq = read;
  }
  seq = std::max(seq, oldest - 1);
  const auto next = number(member(tail, "next_after_seq"));
  require(next == seq, "I13 a reader of events gets the cursor ", std::to_string(next), ", but has read to ", std::to_string(seq));
  auto& read = shops[ask.shop].events_read;
  read = std::max(read, seq);
}

}  // namespace lntpay::sim
