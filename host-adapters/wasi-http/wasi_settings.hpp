// A deployment's settings, from environment variables. The names are those of the Cloudflare adapter where the thing is the same.
// Each is told in docs/configuration.md.
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
  Settings engine;  ///< for `make_instance`, which takes it
  Outside outside;
  std::string operator_token;
  std::string client_header;  ///< lower case; empty: there is none
};

using EnvironmentVariables = std::vector<std::pair<std::string, std::string>>;

/// The error names the variable and says what to do.
std::expected<ProxySettings, std::string> read_settings(const EnvironmentVariables& environment);

}  // namespace lntpay::wasi_http
