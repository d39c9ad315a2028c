// What a wallet asks of a pay link: its offer (LUD-06), then an invoice for the amount that its user chose.
#pragma once
#include <string>

#include "core/charge/charge.hpp"
#include "core/charge/open_challenges.hpp"
#include "core/pay_link/pay_link.hpp"

namespace lntpay {

struct EnteredPayLink {
  TenantScope tenant;  ///< entered by the session
  PayLink link;
};
/// The link that has the name: in live, else in the sandbox. Fails with not_found, also for one that is not active.
Task<Result<EnteredPayLink>> enter_pay_link(Context& cx, std::string name);

/// What the wallet shows (LUD-06, LUD-16), and what the invoice has the hash of.
std::string pay_metadata(const Settings& settings, const PayLink& link);

/// A charge of the amount, whose metadata has "pay_link" and the payer's "comment". Open ones are limited for each link, client and
/// network as the challenges of a gate. Fails with invalid_request, rate_limit_exceeded; as create_charge.
Task<Result<Charge>> charge_for(Context& cx, EnteredPayLink at, Msat amount, std::string comment, GateClientId client);

}  // namespace lntpay
