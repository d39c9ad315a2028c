// Fields of proxies, kept or replaced.
#include "host-adapters/server/gates/rules/request_identity.hpp"

#include <algorithm>
#include <format>

#include "core/base/ascii.hpp"
#include "core/webhook/egress/address_class.hpp"
#include "edge/http/request.hpp"
#include "host-adapters/server/proxy/proxy_fields.hpp"

namespace lntpay::host {
namespace {

constexpr std::size_t request_id_bytes_max = 128;

bool is_of_proxies(std::string_view name) {
  return name.starts_with("x-forwarded-") || name == "forwarded" || name == "x-real-ip" || name == "x-request-id";
}

/// Safe in logs and in any header.
bool is_request_id(std::string_view id) {
  constexpr auto fits = [](char c) { return is_letter(c) || is_digit(c) || std::string_view("-._~+/=:@").contains(c); };
  return !id.empty() && id.size() <= request_id_bytes_max && std::ranges::all_of(id, fits);
}

void set_if_absent(std::vector<Header>& headers, const char* name, std::string value) {
  if (!value.empty() && value_of(headers, name).empty()) set_lines(headers, {{name, std::move(value)}});
}

}  // namespace

void identify_request(Request& request, const std::string& peer, std::string_view scheme, const TrustedProxies& trusted,
                      const Moment& at) {
  const auto address = parse_ip(peer);
  const bool is_here = address && classify(*address) == AddressClass::loopback;
  if (is_here || trusted.contains(peer)) {
    request.client = trusted.client_of(peer, request.headers);
    request.client = std::string(client_address(request));
  } else {
    std::erase_if(request.headers, [](const Header& header) { return is_of_proxies(header.name); });
    request.client = peer;
  }
  set_if_absent(request.headers, "x-forwarded-proto", std::string(scheme));
  set_if_absent(request.headers, "x-forwarded-host", value_of(request.headers, "host"));
  if (!is_request_id(value_of(request.headers, "x-request-id")))
    set_lines(request.headers, {{"x-request-id", std::format("{:016x}{:016x}", at.entropy[0], at.entropy[1])}});
}

}  // namespace lntpay::host
