// Reading a request's head: target, headers, token. Strict, because what two readers understand differently is an attack.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"
#include "edge/engine/contract.hpp"
#include "edge/http/schema.hpp"

namespace lntpay {

inline constexpr std::size_t query_parameters_max = 64;

/// A target in its parts. Decoded text is UTF-8 without control characters; `raw_` parts are as they came.
struct Target {
  std::string raw_path;
  std::string raw_query;
  std::vector<std::string> segments;  ///< "/v1/charges/" is {"v1", "charges", ""}
  Query query;                        ///< no name twice; `+` is a space here, and only here
};

/// Fails with invalid_request: not in origin form, bad percent-encoding, a parameter twice, more than 64 of them.
Result<Target> parse_target(std::string_view target);

/// Just the raw parts: enough to find a shard, and cannot fail.
std::pair<std::string_view, std::string_view> split_target(std::string_view target);

/// The first line of that name, which is given in lower case.
std::optional<std::string_view> header(const Request& request, std::string_view name);

/// As `header`. Fails with invalid_request when there is more than one line.
Result<std::optional<std::string_view>> only_header(const Request& request, std::string_view name);

/// Whose request it is: the peer's address, or, where the peer is a proxy on this machine, the one that it names last in
/// X-Forwarded-For. Of IPv6 the network: its holder has all addresses in it.
std::string client_of(const Request& request);

/// A body must be application/json, in UTF-8 if it says so, and not compressed. A request without a body need not say anything.
/// Fails with unsupported_media_type.
Result<> expect_json(const Request& request);

/// The token of the one Authorization line with the scheme Bearer; empty for anything else, which no key and no operator is.
std::string_view bearer_token(const Request& request);

}  // namespace lntpay
