// Webhook receivers: shops that accept events, reject, hang, send garbage or are gone; and the events that each received.
#pragma once
#include <map>
#include <set>
#include <string>

#include "tests/sim/wire.hpp"

namespace lntpay::sim {

enum class Mood : std::uint8_t { well, failing, hanging, garbage, redirecting, asking_for_later, gone };

class Receivers final : public Peer {
 public:
  explicit Receivers(Scene& scene) : scene_(scene) {}
  void arrive(const Outgoing& request, Line line) override;

  /// By URL; default: well.
  std::map<std::string, Mood> moods;

  /// Whether a receiver answered an event with 200.
  [[nodiscard]] bool has_taken(const std::string& url, std::string_view event) const {
    return taken_.contains(url + " " + std::string(event));
  }
  /// Whether an event reached a receiver, whatever its response.
  [[nodiscard]] bool has_seen(std::string_view url, std::string_view event) const {
    return seen_.contains(std::string(url) + " " + std::string(event));
  }

 private:
  Scene& scene_;
  std::set<std::string> seen_;                  ///< URL and event id
  std::map<std::string, std::uint64_t> taken_;  ///< how often each got a 200
  std::map<std::string, std::string> bodies_;   ///< by event id
};

}  // namespace lntpay::sim
