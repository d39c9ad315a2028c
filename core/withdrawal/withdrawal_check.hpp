// Checks of a withdrawal request: the invoice, the amount, the fee limit, the balance. Nothing is written here.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/ledger/ledger_entry.hpp"
#include "core/lightning/bolt11/invoice.hpp"
#include "core/tenant/context.hpp"
#include "core/withdrawal/withdrawal.hpp"
#include "core/withdrawal/withdrawal_limits.hpp"

namespace lntpay {

struct WithdrawalRequest {
  std::string bolt11;  ///< empty: requested from `destination`
  std::string destination{};
  std::string comment{};          ///< for the destination
  std::optional<Msat> amount;     ///< required exactly when the invoice states none
  std::optional<Msat> fee_limit;  ///< none: `default_fee_limit`
  std::string external_id;
  std::string metadata;  ///< a JSON object, as it came
  Spender spender{};
  std::optional<ChargeId> refunds{};  ///< see refund.hpp
};

/// The larger of 5 sat and 1 %, rounded up to whole satoshi.
Msat default_fee_limit(Msat amount);

/// Decodes the invoice and verifies its signature. Fails with bolt11_*.
Result<bolt11::Invoice> read_invoice(std::string_view text);

/// The invoice's amount, or the requested one if it states none. Fails with invalid_request, bolt11_amount_mismatch.
Result<Msat> amount_to_pay(const bolt11::Invoice& invoice, std::optional<Msat> asked);

struct CheckedRequest {
  bolt11::Invoice invoice;
  Reservation reserved;
  std::optional<Msat> route_fee;  ///< none: the node has no estimate
};

/// Checks that the invoice can be paid now, and asks the node for the route's fee.
/// Fails with bolt11_*, self_payment, invalid_request, node_unavailable.
Task<Result<CheckedRequest>> check_request(Context& cx, TenantScope tenant, bolt11::Invoice invoice, WithdrawalRequest asked);

/// Details: available, required, amount, fee limit.
Error insufficient_funds(const AccountState& account, const Reservation& reserved);

/// Why the reservation may not be locked now: insufficient_funds, fee_limit_too_low, limit_exceeded; in this order.
std::optional<Error> lock_refusal(const AccountState& account, const Allowance& allowance, const Reservation& reserved,
                                  std::optional<Msat> route_fee);

}  // namespace lntpay
