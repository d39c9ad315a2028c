// Hosts of services: the name in a request, and how closely a service's hosts fit it.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lntpay::host {

/// The name in a Host field: lower case, without port and final dot.
std::string host_name(std::string_view host_field);

/// How closely the closest of `hosts` fits; greater is closer, 0: none does. In order: the name itself; "*.example.com" for names
/// below it, the longer the closer; no hosts at all, which fit every name.
std::size_t host_closeness(const std::vector<std::string>& hosts, std::string_view name);

}  // namespace lntpay::host
