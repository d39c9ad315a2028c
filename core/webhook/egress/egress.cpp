// URL parsing, and the rules for hosts, ports and addresses.
#include "core/webhook/egress/egress.hpp"

#include <algorithm>

#include "core/base/ascii.hpp"
#include "core/base/integer.hpp"
#include "core/webhook/egress/address_class.hpp"

namespace lntpay {
namespace {

using Refusal = std::unexpected<std::string>;

bool is_hex_digit(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }

/// "1", "0x7f", "0x": WHATWG parsers read a host that ends in such a label as an IPv4 address.
bool is_number(std::string_view label) {
  if (label.starts_with("0x")) return std::ranges::all_of(label.substr(2), is_hex_digit);
  return !label.empty() && std::ranges::all_of(label, is_digit);
}

bool is_label(std::string_view label) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_'; };
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' && std::ranges::all_of(label, fits);
}

/// A name of labels, or an IPv4 address in dotted decimal.
bool is_host(std::string_view host) {
  if (host.empty() || host.size() > 253) return false;
  if (parse_ipv4(host)) return true;
  auto rest = host;
  while (true) {
    const auto dot = rest.find('.');
    const auto label = rest.substr(0, dot);
    if (!is_label(label)) return false;
    if (dot == rest.npos) return !is_number(label);
    rest.remove_prefix(dot + 1);
  }
}

std::expected<std::uint16_t, std::string> parse_port(std::string_view text) {
  const auto port = text.starts_with('0') ? std::nullopt : parse_integer<std::uint16_t>(text);
  if (!port) return Refusal("the port must be a number from 1 to 65535");
  return *port;
}

bool names_loopback(const Url& url) {
  const auto address = parse_ip(url.host);
  return address ? classify(*address) == AddressClass::loopback : url.host == "localhost";
}

std::expected<void, std::string> check_public_url(const Url& url) {
  if (!url.secure) return Refusal("the URL must start with https://");
  if (url.port != 443 && url.port != 8443 && url.port < 1'024) return Refusal("the port must be 443, 8443, or from 1024 up");
  if (const auto address = parse_ip(url.host)) {
    if (classify(*address) == AddressClass::global) return {};
    return Refusal("the address is not publicly routable");
  }
  if (url.host.find('.') == url.host.npos) return Refusal("the host must be a full name, with a dot");
  for (const std::string_view suffix : {".localhost", ".local", ".internal"}) {
    if (url.host.ends_with(suffix)) return Refusal("names that end in " + std::string(suffix) + " are internal");
  }
  return {};
}

}  // namespace

std::expected<Url, std::string> parse_url(std::string_view text) {
  if (text.size() > url_bytes_max) return Refusal("the URL is longer than 2048 bytes");
  if (!std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; }))
    return Refusal("the URL must be printable ASCII without spaces");
  if (text.find('\\') != text.npos) return Refusal("the URL must not contain a backslash");
  if (text.find('#') != text.npos) return Refusal("the URL must not have a fragment");

  std::string scheme;
  const auto scheme_end = text.find("://");
  if (scheme_end != text.npos) scheme = ascii_lower(text.substr(0, scheme_end));
  if (scheme != "https" && scheme != "http") return Refusal("the URL must start with https://");
  Url url{.secure = scheme == "https"};
  text.remove_prefix(scheme_end + 3);

  const auto authority = text.substr(0, text.find_first_of("/?"));
  url.path = text.substr(authority.size());
  if (!url.path.starts_with('/')) url.path.insert(0, "/");
  if (authority.find('@') != authority.npos) return Refusal("the URL must not contain credentials");

  std::string_view host = authority;
  std::optional<std::string_view> port;
  const bool bracketed = host.starts_with('[');
  const auto host_end = bracketed ? host.find(']') : host.find(':');
  if (bracketed) {
    if (host_end == host.npos || !parse_ipv6(host.substr(1, host_end - 1))) return Refusal("the IPv6 address is invalid");
    const auto rest = host.substr(host_end + 1);
    if (!rest.empty() && !rest.starts_with(':')) return Refusal("the host is invalid");
    if (!rest.empty()) port = rest.substr(1);
    host = host.substr(1, host_end - 1);
  } else if (host_end != host.npos) {
    port = host.substr(host_end + 1);
    host = host.substr(0, host_end);
  }
  url.host = ascii_lower(host);
  if (!bracketed && !is_host(url.host)) return Refusal("the host must be a name of letters, digits and hyphens, or an address");

  url.port = url.secure ? 443 : 80;
  if (port) {
    const auto number = parse_port(*port);
    if (!number) return Refusal(number.error());
    url.port = *number;
  }
  return url;
}

std::string origin_of(std::string_view url) {
  const auto read = parse_url(url);
  if (!read) return std::string(url);
  const bool is_ipv6 = read->host.find(':') != read->host.npos;
  std::string origin(read->secure ? "https://" : "http://");
  origin.append(is_ipv6 ? "[" : "").append(read->host).append(is_ipv6 ? "]" : "");
  return origin.append(":").append(std::to_string(read->port));
}

std::expected<void, std::string> check_egress_url(std::string_view url, const Egress& egress, Environment environment) {
  const auto read = parse_url(url);
  if (!read) return Refusal(read.error());
  if (names_loopback(*read)) {
    if (egress.allow_loopback && environment == Environment::test) return {};
    return Refusal("loopback addresses are not allowed");
  }
  if (egress.mode == EgressMode::allowlist && std::ranges::find(egress.allow, read->host) == egress.allow.end()) {
    return Refusal("this host is not on the operator's allowlist");
  }
  return check_public_url(*read);
}

std::expected<void, std::string> may_connect(const Settings& settings, std::string_view url,
                                             std::span<const std::string> addresses) {
  const auto allowed = check_egress_url(url, settings.egress, Environment::test);
  if (!allowed) return allowed;
  const auto expected = names_loopback(*parse_url(url)) ? AddressClass::loopback : AddressClass::global;
  const auto is_expected = [expected](const std::string& each) {
    const auto address = parse_ip(each);
    return address && classify(*address) == expected;
  };
  if (addresses.empty() || !std::ranges::all_of(addresses, is_expected)) return Refusal(unusable_name);
  return {};
}

}  // namespace lntpay
