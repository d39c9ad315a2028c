// One blocking HTTP exchange over libcurl, for commands.
#pragma once
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "core/base/units.hpp"
#include "core/storage/effect.hpp"

namespace lntpay::host {

struct HttpRequest {
  std::string method;
  std::string url;  ///< http or https; redirects are not followed
  std::vector<Header> headers{};
  std::optional<std::string> body{};
  Millis time_max = seconds(40);  ///< longer than any long poll
  bool is_direct = false;         ///< ignores proxies of the environment
  bool is_verified = true;        ///< false: any certificate is accepted
};

struct HttpAnswer {
  long status = 0;
  std::string text;
};

/// The error is the reason why there is no response. Can be called on several threads after its first call.
std::expected<HttpAnswer, std::string> http_call(const HttpRequest& request);

}  // namespace lntpay::host
