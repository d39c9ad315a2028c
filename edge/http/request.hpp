// Reading a request's head: target, headers, token. Strict: input that two parsers read differently is an attack.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"
#include "edge/contract/contract.hpp"
#include "edge/http/schema.hpp"

namespace lntpay {

inline constexpr std::size_t query_parameters_max = 64;

/// A target in its parts. Decoded text is UTF-8 without control characters; `raw_` parts are unchanged.
struct Target {
  std::string raw_path;
  std::string raw_query;
  std::vector<std::string> segments;  ///< "/v1/charges/" is {"v1", "charges", ""}
  Query query;                        ///< no duplicate names; `+` is a space here only
};

/// Fails with invalid_request: not in origin form, bad percent-encoding, a parameter twice, more than 64 of them.
Result<Target> parse_target(std::string_view target);

/// The raw parts: enough to find a shard. Cannot fail.
std::pair<std::string_view, std::string_view> split_target(std::string_view target);

/// The first line with this lower-case name.
std::optional<std::string_view> header(const Request& request, std::string_view name);

/// As `header`. Fails with invalid_request if there are several lines.
Result<std::optional<std::string_view>> only_header(const Request& request, std::string_view name);

/// The client's address: the peer's, or, if the peer is a proxy on this machine, the last one in its X-Forwarded-For.
std::string_view client_address(const Request& request);

/// The client, for limits: its address; for IPv6 the /64 network, since one client holds all of it. Any other text is a client as
/// it is.
std::string client_of(std::string_view address);
std::string client_of(const Request& request);
/// The /48 network of an IPv6 client, since providers give a customer that much; empty for any other.
std::string client_network_of(std::string_view address);

/// The `wait` of a Prefer header (RFC 7240), in whole seconds up to 25; 0 without one.
Millis preferred_wait(const Request& request);

/// A body must be application/json, in UTF-8, and not compressed. A request without a body needs no Content-Type.
/// Fails with unsupported_media_type.
Result<> expect_json(const Request& request);

/// The token of the only Authorization line, of scheme Bearer; empty otherwise, which matches no key and no operator.
std::string_view bearer_token(const Request& request);

}  // namespace lntpay
