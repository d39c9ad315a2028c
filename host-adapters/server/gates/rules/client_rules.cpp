// Patterns with one wildcard, and the fields in which credentials come.
#include "host-adapters/server/gates/rules/client_rules.hpp"

#include <algorithm>

#include "core/base/ascii.hpp"

namespace lntpay::host {

bool fits_pattern(std::string_view pattern, std::string_view text) {
  const auto equal_here = [&](std::string_view part, std::size_t at) {
    return equal_ignoring_case(part, text.substr(at, part.size()));
  };
  auto star = pattern.find('*');
  if (star == std::string_view::npos) return equal_ignoring_case(pattern, text);
  if (!equal_here(pattern.substr(0, star), 0)) return false;
  // Each further part at its first place: an earlier one leaves the most text for the rest.
  for (auto at = star;;) {
    pattern.remove_prefix(star + 1);
    star = pattern.find('*');
    const auto part = pattern.substr(0, star);
    if (star == std::string_view::npos) return text.size() >= at + part.size() && equal_here(part, text.size() - part.size());
    while (at + part.size() <= text.size() && !equal_here(part, at)) ++at;
    if (at + part.size() > text.size()) return false;
    at += part.size();
  }
}

bool ClientRule::fits(const std::optional<IpAddress>& address, std::string_view user_agent) const {
  const auto contains_client = [&](const Network& each) { return address && each.contains(*address); };
  if (!addresses.empty() && !std::ranges::any_of(addresses, contains_client)) return false;
  const auto fits_agent = [&](const std::string& each) { return fits_pattern(each, user_agent); };
  return user_agents.empty() ? !addresses.empty() : std::ranges::any_of(user_agents, fits_agent);
}

bool presents_credential(const std::vector<Header>& headers) {
  constexpr std::string_view schemes[] = {"l402 ", "lsat ", "payment "};
  constexpr std::string_view fields[] = {"payment-authorization", "macaroon", "grpc-metadata-macaroon"};
  return std::ranges::any_of(headers, [&](const Header& header) {
    if (std::ranges::contains(fields, header.name)) return true;
    if (header.name != "authorization") return false;
    const auto value = ascii_lower(header.value);  // one line may have several credentials
    return std::ranges::any_of(schemes, [&](std::string_view scheme) { return value.contains(scheme); });
  });
}

}  // namespace lntpay::host
