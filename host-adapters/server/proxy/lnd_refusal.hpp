// The node-proxy's own responses, in the form of lnd's REST gateway.
#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "edge/contract/contract.hpp"

namespace lntpay::host {

/// gRPC status codes.
enum class GrpcCode : std::uint8_t { invalid_argument = 3, permission_denied = 7, unavailable = 14, unauthenticated = 16 };

inline Response lnd_refusal(std::uint16_t status, GrpcCode code, const std::string& message) {
  const nlohmann::json body{{"code", static_cast<int>(code)}, {"message", message}, {"details", nlohmann::json::array()}};
  return {status, {{"content-type", "application/json"}}, body.dump()};
}

}  // namespace lntpay::host
