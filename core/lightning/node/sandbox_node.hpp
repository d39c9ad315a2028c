// The sandbox's Lightning node: real signed BOLT11 invoices on regtest's prefix, real preimages, no network. Its state is rows
// of the workspace that it belongs to, and a function of them and the time: a payment that comes later is a time in the row.
#pragma once
#include "core/lightning/node/node.hpp"

namespace lntpay {

/// `…/sandbox/invoice/{payment hash}`
struct SandboxInvoice {
  static constexpr int row_version = 2;
  std::string bolt11;
  Msat amount;
  std::string description;
  std::optional<Bytes32> description_hash;  ///< instead of the description
  std::uint32_t expiry_s = 0;
  UnixMillis expires_at;
  std::optional<UnixMillis> canceled_at;
  std::optional<UnixMillis> paid_at;  ///< may lie ahead
  Msat paid;

  auto fields(this auto& self) {
    return std::tie(self.bolt11, self.amount, self.description, self.description_hash, self.expiry_s, self.expires_at,
                    self.canceled_at, self.paid_at, self.paid);
  }
};

/// What the sandbox's payer does to an invoice.
struct IncomingPayment {
  Msat amount;
  UnixMillis at;
  bool late = false;  ///< after the invoice expired or was canceled
};

class SandboxNode final : public Node {
 public:
  SandboxNode(Context& cx, TenantScope tenant) : cx_(cx), tenant_(std::move(tenant)) {}

  Task<Result<NodeInvoice>> add_invoice(InvoiceRequest asked) override;
  Task<Result<std::optional<NodeInvoice>>> lookup(Bytes32 payment_hash) override;
  Task<Result<>> cancel(Bytes32 payment_hash) override;

  // Paying: sandbox_payments.cpp.
  Task<Result<PublicKey>> identity() override;
  Task<SendResult> send_payment(PaymentOrder order) override;
  Task<Result<PaymentLookup>> look_up_payment(Bytes32 payment_hash) override;
  Task<Result<std::optional<Msat>>> route_fee(bolt11::Invoice invoice, Msat amount) override;
  Task<Result<std::optional<Msat>>> funds() override;

  /// Pays, now or later; with the fault settles_short only half of it arrives. Fails with invalid_state when the invoice can no
  /// longer be paid by then (late: when it still can be), or is paid already;
  /// invalid_request for less than its amount or more than twice of it (BOLT 4); not_found. `also` is committed with it.
  Task<Result<>> pay(Bytes32 payment_hash, IncomingPayment payment, WriteBatch also);
  /// Lets the invoice expire at that time, which is now or was when the operation began; again with the same time it is the same.
  /// Fails with invalid_state when it is no longer open; not_found.
  Task<Result<>> expire(Bytes32 payment_hash, UnixMillis at);

 private:
  [[nodiscard]] std::string key(const Bytes32& payment_hash) const;

  Context& cx_;
  TenantScope tenant_;
};

/// The key that signs a test workspace's invoices: the workspace is the node. Worth nothing, so no secret.
SecretKey sandbox_node_key(const TenantScope& tenant);
/// A key of the sandbox, from its name.
SecretKey sandbox_key(std::string_view name);

/// Features of lnd's invoices: var_onion_optin, payment_secret (required), basic_mpp (optional).
inline constexpr std::array<std::uint16_t, 3> sandbox_features{8, 14, 17};
inline constexpr std::uint32_t sandbox_final_cltv = 80;

}  // namespace lntpay
