// Where webhooks may go: the rules against requests to places that only the operator's machines can reach (SSRF).
//
// A URL is judged by its text when an endpoint is made and at each attempt; every address that its name resolves to is judged
// before a connection is made, and the connection goes to an address that was judged. Pure: nothing here resolves or connects.
#pragma once
#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "core/tenant/settings.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

inline constexpr std::size_t url_bytes_max = 2'048;

struct Url {
  bool secure = true;  ///< https; else http
  std::string host{};  ///< lower case; an IPv6 address without its brackets
  std::uint16_t port = 443;
  std::string path{};  ///< with the query; "/" at least
};

/// Reads `http(s)://host[:port][/path][?query]` of printable ASCII. Refused: credentials, fragments, backslashes, percent signs
/// and other alphabets in the host (a host is sent as it is given: punycode stays punycode), a dot at the host's end, numbers
/// that only some parsers take for addresses. The error is a sentence for the user.
std::expected<Url, std::string> parse_url(std::string_view text);

/// Whether an endpoint may have this URL: https to ports 443, 8443 or from 1024 up, and a public name (not a single label, not
/// *.localhost, *.local, *.internal) or a global address. With `allow_loopback` a test endpoint may also use
/// `localhost`, 127.0.0.0/8 and ::1, there with http and any port. In mode `allowlist` the host must be on the list.
std::expected<void, std::string> check_egress_url(std::string_view url, const Egress& egress, Environment environment);

/// Whether a connection for this URL may be made: asked with every address that its name resolved to, and refused unless all
/// of them are fine. The environment is not known here; `check_egress_url` before each attempt keeps live endpoints off loopback.
std::expected<void, std::string> may_connect(const Settings& settings, std::string_view url,
                                             std::span<const std::string> addresses);

}  // namespace lntpay
