// Hosts in the order of how closely they fit.
#include "host-adapters/server/gates/gates_table.hpp"

#include "host-adapters/server/gates/rules/host_names.hpp"

namespace lntpay::host {

ServedService* GatesTable::find(std::string_view host_field) const {
  const auto name = host_name(host_field);
  ServedService* found = nullptr;
  std::size_t closest = 0;
  for (const auto& each : services) {
    const auto closeness = host_closeness(each->service().hosts, name);
    if (closeness <= closest) continue;
    found = each.get();
    closest = closeness;
  }
  return found;
}

}  // namespace lntpay::host
