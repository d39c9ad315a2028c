// Who asks, over which scheme, and the id of the request: the fields that proxies set, which only trusted ones may.
#pragma once
#include <string>

#include "edge/contract/contract.hpp"
#include "host-adapters/server/http/connection.hpp"
#include "host-adapters/server/http/trusted_proxies.hpp"

namespace lntpay::host {

/// Sets `client` to the client's address, and X-Forwarded-Proto, X-Forwarded-Host and X-Request-Id. Those of a peer that is neither
/// trusted nor on this machine are replaced, and its other X-Forwarded-…, Forwarded and X-Real-Ip removed. `scheme`: "http" or
/// "https".
void identify_request(Request& request, const std::string& peer, std::string_view scheme, const TrustedProxies& trusted,
                      const Moment& at);

}  // namespace lntpay::host
