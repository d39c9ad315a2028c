// Hosts in the order of how closely they fit.
#include "host-adapters/server/gates/gates_table.hpp"

#include "host-adapters/server/gates/rules/host_names.hpp"

namespace lntpay::host {

ServedService* GatesTable::find(std::string_view host_field) const {
  const auto hosts_of = [](const auto& each) -> const auto& { return each->service().hosts; };
  const auto found = closest_host(services, hosts_of, host_name(host_field));
  return found == services.end() ? nullptr : found->get();
}

}  // namespace lntpay::host
