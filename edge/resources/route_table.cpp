// The route table: the routes of all resources, in the order in which a request is matched with them.
#include <array>

#include "edge/resources/resources.hpp"

namespace lntpay {

std::span<const std::span<const Route>> route_table() {
  static const std::array table{
      resources::charges(),     resources::bolt11_invoices(),   resources::withdrawals(),        resources::ledger(),
      resources::adjustments(), resources::reconciliation(),    resources::node_restores(),      resources::events(),
      resources::event_types(), resources::webhook_endpoints(), resources::webhook_deliveries(), resources::webhook_secret(),
      resources::gates(),       resources::redemptions(),       resources::forward_auth(),       resources::checkout(),
      resources::api_keys(),    resources::workspaces(),        resources::audit_trail(),        resources::requests(),
      resources::sandbox(),     resources::service(),           resources::pay_links(),          resources::lnurl_pay(),
  };
  return table;
}

}  // namespace lntpay
