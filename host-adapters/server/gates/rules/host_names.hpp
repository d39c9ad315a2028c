// Hosts of services: the name in a request, and how closely a service's hosts fit it.
#pragma once
#include <cstddef>
#include <functional>
#include <ranges>
#include <string>
#include <string_view>
#include <vector>

namespace lntpay::host {

/// The name in a Host field: lower case, without port and final dot.
std::string host_name(std::string_view host_field);

/// How closely the closest of `hosts` fits; greater is closer, 0: none does. In order: the name itself; "*.example.com" for names
/// below it, the longer the closer; no hosts at all, which fit every name.
std::size_t host_closeness(const std::vector<std::string>& hosts, std::string_view name);

/// Of several services, the one whose hosts fit this name most closely; the end: none does. `hosts_of` reads the hosts of each.
template <std::ranges::forward_range Services, class HostsOf>
auto closest_host(Services& services, HostsOf hosts_of, std::string_view name) {
  auto found = std::ranges::end(services);
  std::size_t closest = 0;
  for (auto each = std::ranges::begin(services); each != std::ranges::end(services); ++each) {
    const auto closeness = host_closeness(std::invoke(hosts_of, *each), name);
    if (closeness <= closest) continue;
    found = each;
    closest = closeness;
  }
  return found;
}

}  // namespace lntpay::host
