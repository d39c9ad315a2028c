// Egress rules for webhook URLs: protection against requests into the operator's network (SSRF).
//
// The URL is checked when an endpoint is created and at each attempt. The host checks every address that its name resolves to, and
// connects to a checked address. Pure: no code here resolves or connects.
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
  std::string path{};  ///< with the query; at least "/"
};

/// Parses `http(s)://host[:port][/path][?query]` of printable ASCII. Rejects credentials, fragments, backslashes, percent signs
/// and non-ASCII letters in the host (punycode is sent as given), a trailing dot, and numbers that only some parsers read as
/// addresses. The error is a sentence for the user.
std::expected<Url, std::string> parse_url(std::string_view text);

/// "https://shop.example.com:443"; of a text that is no URL, the text.
std::string origin_of(std::string_view url);

/// Checks an endpoint's URL: https to ports 443, 8443 or from 1024 up, and a public name (not a single label, not
/// *.localhost, *.local, *.internal) or a global address. With `allow_loopback` a test endpoint may also use
/// `localhost`, 127.0.0.0/8 and ::1, there with http and any port. In mode `allowlist` the host must be on the list.
std::expected<void, std::string> check_egress_url(std::string_view url, const Egress& egress, Environment environment);

/// Why there is no connection to a name that was not found, and to one whose addresses are not allowed: one text for both, because
/// the owner of an endpoint chooses the names, and could map the operator's private zones by the difference.
inline constexpr std::string_view unusable_name = "name not found, or not a public address";

/// Checks a connection for this URL: every address that its name resolved to must be allowed. The error is the URL's, or
/// `unusable_name`, also without addresses: a host passes none for a name that was not found, and reports that error. The
/// environment is unknown here; `check_egress_url` before each attempt keeps live endpoints off loopback.
std::expected<void, std::string> may_connect(const Settings& settings, std::string_view url,
                                             std::span<const std::string> addresses);

}  // namespace lntpay
