// The sandbox's Lightning node: signed BOLT 11 invoices with regtest's prefix, real preimages, no network. Its state is a function
// of the workspace's rows and the time: a later payment is a time in the row.
#pragma once
#include "core/lightning/node/node.hpp"

namespace lntpay {

/// `…/sandbox/invoice/{payment hash}`
struct SandboxInvoice {
  static constexpr int row_version = 2;
  std::string bolt11;
  std::optional<Msat> amount;
  std::string description;
  std::optional<Bytes32> description_hash;  ///< instead of the description
  std::uint32_t expiry_s = 0;
  UnixMillis expires_at;
  std::optional<UnixMillis> canceled_at;
  std::optional<UnixMillis> paid_at;  ///< may be in the future
  Msat paid;

  auto fields(this auto& self) {
    return std::tie(self.bolt11, self.amount, self.description, self.description_hash, self.expiry_s, self.expires_at,
                    self.canceled_at, self.paid_at, self.paid);
  }
};

std::string sandbox_invoice_key(const TenantScope& tenant, const Bytes32& payment_hash);

/// A payment of an invoice by the sandbox's payer.
struct IncomingPayment {
  Msat amount;
  UnixMillis at;
  bool late = false;  ///< after the invoice expired or was canceled
};

class SandboxNode final : public Node {
 public:
  SandboxNode(Context& cx, TenantScope tenant) : cx_(cx), tenant_(std::move(tenant)) {}

  Task<Result<NodeInvoice>> add_invoice(InvoiceRequest asked) override;
  Task<Result<InvoiceLookup>> look_up_invoice(Bytes32 payment_hash) override;
  Task<Result<>> cancel(Bytes32 payment_hash) override;

  // Paying: sandbox_payments.cpp.
  Task<Result<PublicKey>> identity() override;
  Task<SendResult> send_payment(PaymentOrder order) override;
  Task<Result<PaymentLookup>> look_up_payment(Bytes32 payment_hash) override;
  Task<Result<std::optional<Msat>>> route_fee(bolt11::Invoice invoice, Msat amount) override;
  Task<Result<std::optional<Msat>>> funds() override;

  /// Pays the invoice, now or later; with the fault settles_short only half arrives. `also` is committed with it. Fails with
  /// invalid_state if the invoice is paid already or cannot be paid at that time (`late`: if it still can be); invalid_request
  /// below its amount or above twice its amount (BOLT 4), if it has one; not_found.
  Task<Result<>> pay(Bytes32 payment_hash, IncomingPayment payment, WriteBatch also);
  /// Expires the invoice at that time, which is not in the future. Idempotent for the same time. `also` is committed with it. Fails
  /// with invalid_state if it is no longer open; not_found.
  Task<Result<>> expire(Bytes32 payment_hash, UnixMillis at, WriteBatch also);
  /// Fails a payment that arrived and cannot be credited: the invoice was not paid. `also` is committed with it: a check that the
  /// charge is not credited meanwhile. Fails with conflict, not_found.
  Task<Result<>> return_payment(Bytes32 payment_hash, WriteBatch also);

 private:
  [[nodiscard]] std::string key(const Bytes32& payment_hash) const { return sandbox_invoice_key(tenant_, payment_hash); }

  Context& cx_;
  TenantScope tenant_;
};

/// The key that signs a test workspace's invoices: each workspace has a node of its own. It protects nothing, so it is not secret.
SecretKey sandbox_node_key(const TenantScope& tenant);
/// A key derived from a name.
SecretKey sandbox_key(std::string_view name);

/// As in lnd's invoices: var_onion_optin, payment_secret (required), basic_mpp (optional).
inline constexpr std::array<std::uint16_t, 3> sandbox_features{8, 14, 17};
inline constexpr std::uint32_t sandbox_final_cltv = 80;

}  // namespace lntpay
