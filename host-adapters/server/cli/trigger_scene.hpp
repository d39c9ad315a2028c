// Causing events in the sandbox, by calls of the API.
#pragma once
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "core/event/event.hpp"
#include "host-adapters/server/cli/api_client.hpp"
#include "host-adapters/server/cli/command.hpp"
#include "host-adapters/server/ops/moments.hpp"

namespace lntpay::host {

/// Thrown after the error was printed.
struct TriggerStopped {
  Exit exit;
};

/// The calls of one trigger, and a sentence on each.
class Scene {
 public:
  Scene(ApiClient client, std::uint64_t amount_sats) : client_(std::move(client)), amount_sats_(amount_sats) {}

  [[nodiscard]] std::uint64_t amount_sats() const { return amount_sats_; }
  [[nodiscard]] const std::vector<std::string>& steps() const { return steps_; }
  void add_step(std::string step);

  /// Throws TriggerStopped unless the API answers 2xx.
  nlohmann::json get(const std::string& path) { return call("GET", path, nullptr); }
  nlohmann::json post(const std::string& path, const nlohmann::json& body = nlohmann::json::object()) {
    return call("POST", path, body);
  }
  nlohmann::json erase(const std::string& path) { return call("DELETE", path, nullptr); }

 private:
  nlohmann::json call(const std::string& method, const std::string& path, const nlohmann::json& body);

  ApiClient client_;
  std::uint64_t amount_sats_;
  Moments moments_;  ///< for Idempotency-Keys
  std::vector<std::string> steps_;
};

struct Trigger {
  EventType event{};
  /// Returns the id of the event, or of the object that it is about.
  std::string (*cause)(Scene& scene) = nullptr;
};

/// nullptr: this event cannot be triggered.
const Trigger* find_trigger(std::string_view event);
/// Comma-separated.
std::string known_triggers();

}  // namespace lntpay::host
