// The invoice of a withdrawal to a Lightning address or LNURL: requested from the payee's service, before anything is locked.
#pragma once
#include <string>

#include "core/request/idempotency_claim.hpp"
#include "core/tenant/context.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

struct Destination {
  std::string payee;  ///< as core/lightning/lnurl/destination.hpp reads it
  Msat amount;
  std::string comment;  ///< for the payee; empty: none
};

/// The sandbox's own payees: `succeed@sandbox.example`, `fail@sandbox.example` and so on, by the behaviour of their invoices.
inline constexpr std::string_view sandbox_payees = "@sandbox.example";

/// Two requests under the egress rules, without redirects; the invoice has exactly the amount, and its description hash is that of
/// the service's metadata. Of a sandbox payee the invoice is made with the claim's random values: the same in every run.
/// Fails with destination_unusable.
Task<Result<std::string>> request_invoice(Context& cx, TenantScope tenant, Destination destination, IdempotencyClaim claim);

}  // namespace lntpay
