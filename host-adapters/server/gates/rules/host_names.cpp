// Names without case, port and final dot.
#include "host-adapters/server/gates/rules/host_names.hpp"

#include <algorithm>
#include <limits>

#include "core/base/ascii.hpp"

namespace lntpay::host {

std::string host_name(std::string_view host_field) {
  const auto after_literal = host_field.starts_with('[') ? host_field.find(']') : 0;
  const auto colon = after_literal == std::string_view::npos ? after_literal : host_field.find(':', after_literal);
  auto name = ascii_lower(host_field.substr(0, colon));
  if (name.ends_with('.')) name.pop_back();
  return name;
}

std::size_t host_closeness(const std::vector<std::string>& hosts, std::string_view name) {
  std::size_t closest = hosts.empty() ? 1 : 0;
  for (const std::string_view host : hosts) {
    if (host == name) return std::numeric_limits<std::size_t>::max();
    const bool is_above = host.starts_with("*.") && name.size() > host.size() - 1 && name.ends_with(host.substr(1));
    if (is_above) closest = std::max(closest, host.size());
  }
  return closest;
}

}  // namespace lntpay::host
