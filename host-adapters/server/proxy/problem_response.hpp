// The gate proxy's own responses, as RFC 9457 problem details.
#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>

#include "edge/contract/contract.hpp"

namespace lntpay::host {

inline Response problem(std::uint16_t status, std::string_view title, std::string_view detail) {
  const nlohmann::json body{{"type", "about:blank"}, {"title", title}, {"status", status}, {"detail", detail}};
  return {status, {{"content-type", "application/problem+json"}, {"cache-control", "no-store"}}, body.dump()};
}

}  // namespace lntpay::host
