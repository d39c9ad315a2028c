// A deployment's settings from environment variables, with the names of the Cloudflare adapter where it has the same setting:
// docs/configuration.md.
#pragma once
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/tenant/settings.hpp"
#include "host-adapters/wasi-http/effect_exchanges.hpp"

namespace lntpay::wasi_http {

struct ProxySettings {
  Settings engine;  ///< moved into `make_instance`
  Outside outside;
  std::string operator_token;
  std::string client_header;  ///< in lower case; empty: none
};

using EnvironmentVariables = std::vector<std::pair<std::string, std::string>>;

/// The error names the variable and states what to do.
std::expected<ProxySettings, std::string> read_settings(const EnvironmentVariables& environment);

}  // namespace lntpay::wasi_http
