// The objects `sandbox_invoice` and `sandbox_payment` of the API: their fields and how they are read.
#pragma once
#include "core/base/object.hpp"
#include "core/lightning/node/sandbox_payments.hpp"

namespace lntpay {

struct ExternalInvoiceView {
  std::string_view bolt11;
  Bytes32 payment_hash{};
  std::optional<Msat> amount;
  SandboxBehavior behavior{};
  std::optional<Msat> route_fee;
  UnixMillis expires_at;
};

inline constexpr auto sandbox_invoice_object = object_of<ExternalInvoiceView>(
    kind_member<"sandbox_invoice">(),
    member("bolt11", "An invoice of another node, to withdraw to.", [](const auto& v) { return v.bolt11; }),
    member("payment_hash", "The payment hash of the invoice.", [](const auto& v) { return v.payment_hash; }),
    member("amount_msat", "The amount; null if the payer chooses it.", [](const auto& v) { return v.amount; }),
    member("behavior", "The outcome of paying the invoice.", [](const auto& v) { return v.behavior; }),
    member("route_fee_msat", "The cost of the route.", [](const auto& v) { return v.route_fee; }),
    member("expires_at", "When the invoice expires.", [](const auto& v) { return v.expires_at; }));

inline constexpr auto sandbox_invoice_fields = sandbox_invoice_object.fields();

struct WalletPayment {
  std::string_view charge_id;
  Bytes32 payment_hash{};
  Bytes32 preimage{};
};

inline constexpr auto sandbox_payment_object = object_of<WalletPayment>(
    kind_member<"sandbox_payment">(),
    member("charge_id", "ch_…: the charge that was paid.", [](const auto& v) { return v.charge_id; }),
    member("payment_hash", "The payment hash of the invoice.", [](const auto& v) { return v.payment_hash; }),
    member("preimage", "The proof of payment, which only a payer has.", [](const auto& v) { return v.preimage; }));

inline constexpr auto sandbox_payment_fields = sandbox_payment_object.fields();

}  // namespace lntpay
