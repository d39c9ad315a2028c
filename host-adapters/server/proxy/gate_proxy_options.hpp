// Addresses, caps and times of the gate proxy.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "host-adapters/server/http/http_head.hpp"
#include "host-adapters/server/http/trusted_proxies.hpp"

namespace lntpay::host {

class Resolver;

struct GateProxyOptions {
  std::string gate;          ///< its id; empty: there is none, and everything passes
  std::string service;       ///< its name in the log; empty: it has none
  std::string service_host;  ///< a numeric address, or a name for `names`
  std::uint16_t service_port = 0;
  Resolver* names = nullptr;  ///< outlives the proxy; null: `service_host` is numeric
  HttpLimits limits{};        ///< of heads; bodies have none
  TrustedProxies trusted_proxies{};
  std::size_t connections_max = 4'096;
  std::size_t connections_per_address_max = 1'024;
  std::size_t idle_services_max = 256;
  std::chrono::seconds head_time_max{10};
  std::chrono::seconds keep_alive_max{60};
  std::chrono::seconds connect_time_max{5};
  /// Until the head of the service's response. Less than a use is reserved for (core/gate/redemption.hpp), or another request
  /// could pass by the same use.
  std::chrono::seconds answer_time_max{100};
  std::chrono::seconds piece_time_max{60};  ///< between two pieces of a body
};

}  // namespace lntpay::host
