// The handlers that the route table names, by the file that defines them.
#pragma once
#include "edge/resources/route.hpp"

namespace lntpay::routes {

using Done = Task<Result<std::string>>;

// charges.cpp
Done create_charge(Call& call);
Done get_charge(Call& call);
Done list_charges(Call& call);
Done cancel_charge(Call& call);

// checkout.cpp
Done show_checkout(Call& call);
Done checkout_status(Call& call);
Done checkout_qr(Call& call);
Done pay_at_checkout(Call& call);

// bolt11.cpp
Done decode_invoice(Call& call);

// sandbox.cpp
Done sandbox_pay(Call& call);
Done sandbox_wallet(Call& call);
Done sandbox_expire(Call& call);
Done sandbox_invoice(Call& call);
Done sandbox_fund(Call& call);
Done sandbox_get(Call& call);
Done sandbox_advance(Call& call);
Done sandbox_faults(Call& call);
Done sandbox_reset(Call& call);

// withdrawals.cpp
Done quote_withdrawal(Call& call);
Done create_withdrawal(Call& call);
Done get_withdrawal(Call& call);
Done list_withdrawals(Call& call);
Done cancel_withdrawal(Call& call);
Done reconcile_withdrawal(Call& call);
Done resolve_withdrawal(Call& call);
Done adjust_ledger(Call& call);
Done list_audit(Call& call);

// ledger.cpp
Done get_balance(Call& call);
Done list_ledger(Call& call);
Done verify_ledger(Call& call);
Done export_ledger(Call& call);

// reconciliation.cpp
Done reconcile_workspace(Call& call);
Done reconcile_all(Call& call);
Done node_restored(Call& call);

// events.cpp
Done list_events(Call& call);
Done get_event(Call& call);

// webhooks.cpp
Done create_endpoint(Call& call);
Done list_endpoints(Call& call);
Done get_endpoint(Call& call);
Done change_endpoint(Call& call);
Done delete_endpoint(Call& call);
Done rotate_secret(Call& call);
Done test_endpoint(Call& call);
Done recover_endpoint(Call& call);
Done list_deliveries(Call& call);
Done get_delivery(Call& call);
Done redeliver(Call& call);

// gates.cpp
Done create_gate(Call& call);
Done list_gates(Call& call);
Done get_gate(Call& call);
Done change_gate(Call& call);
Done delete_gate(Call& call);
Done revoke_gate(Call& call);
Done challenge_gate(Call& call);
Done verify_at_gate(Call& call);
Done commit_redemption(Call& call);
Done release_redemption(Call& call);

// gate_forward_auth.cpp
Done authorize_gate(Call& call);
Done challenge_at_gate(Call& call);

// keys.cpp
Done create_key(Call& call);
Done list_keys(Call& call);
Done revoke_key(Call& call);
Done roll_key(Call& call);
Done current_key(Call& call);

// workspaces.cpp
Done create_workspace(Call& call);
Done get_workspace(Call& call);

// service.cpp
Done ready(Call& call);

}  // namespace lntpay::routes
