// Examples: exchanges that a story with every route makes with the engine, at a fixed time and with fixed randomness.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/event/event.hpp"
#include "edge/contract/contract.hpp"
#include "edge/routing/route.hpp"

namespace lntpay::openapi {

struct Exchange {
  const Route* route = nullptr;
  Request request;
  Response response;
};

struct Examples {
  std::vector<Exchange> exchanges{};
  std::vector<Outgoing> webhooks{};

  /// The first exchange of the route with this status; nullptr: none.
  [[nodiscard]] const Exchange* find(const Route& route, std::uint16_t status) const;
  /// The first response of any route with this code of an error.
  [[nodiscard]] const Exchange* find_error(std::string_view code) const;
  /// The first webhook with an event of this type.
  [[nodiscard]] const Outgoing* find_webhook(EventType type) const;
};

/// Ends the program if a step of the story fails.
Examples record_examples();

}  // namespace lntpay::openapi
