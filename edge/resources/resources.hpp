// The routes of each resource, by the file that defines them: its request fields, handlers and errors are there too.
#pragma once
#include "edge/routing/route.hpp"

namespace lntpay::resources {

using Routes = std::span<const Route>;

Routes charges();
Routes bolt11_invoices();
Routes withdrawals();
Routes ledger();
Routes adjustments();
Routes reconciliation();
Routes node_restores();
Routes events();
Routes event_types();
Routes webhook_endpoints();
Routes webhook_deliveries();
Routes webhook_secret();
Routes gates();
Routes redemptions();
Routes forward_auth();
Routes checkout();
Routes pay_links();
Routes lnurl_pay();
Routes api_keys();
Routes workspaces();
Routes audit_trail();
Routes requests();
Routes sandbox();
Routes service();

}  // namespace lntpay::resources
