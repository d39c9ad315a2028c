// External invoices of the sandbox, and the payments of them. Each invoice has a behaviour that is chosen when it is created, so
// that every course of a withdrawal can be tested (docs/money.md, "Withdrawals").
#pragma once
#include "core/lightning/node/node.hpp"
#include "core/request/idempotency_claim.hpp"

namespace lntpay {

enum class SandboxBehavior : std::uint8_t {
  succeed,               ///< at once
  fail,                  ///< at once: no route
  slow,                  ///< in flight for ten seconds, then paid
  stuck,                 ///< in flight until a day after the invoice's expiry, then paid after all
  unknown_then_succeed,  ///< the send's response is lost, the node pays five seconds later
  unknown_then_fail,     ///< the send's response is lost, the node gives up five seconds later
};
template <>
inline constexpr auto enum_names<SandboxBehavior> =
    std::to_array<std::string_view>({"succeed", "fail", "slow", "stuck", "unknown_then_succeed", "unknown_then_fail"});

/// `…/sandbox/outside/{payment hash}`: an invoice of another node.
struct ExternalInvoice {
  static constexpr int row_version = 1;
  Bytes32 preimage{};
  SandboxBehavior behavior{};
  UnixMillis expires_at;

  auto fields(this auto& self) { return std::tie(self.preimage, self.behavior, self.expires_at); }
};

/// `…/sandbox/payment/{payment hash}`: the node's payment of a hash. Its state is a function of this row and the time.
struct SandboxPayment {
  static constexpr int row_version = 1;
  std::uint64_t index = 0;
  UnixMillis ends_at;
  bool succeeds = false;
  Msat fee;
  Bytes32 preimage{};

  auto fields(this auto& self) { return std::tie(self.index, self.ends_at, self.succeeds, self.fee, self.preimage); }
};

/// A route costs one satoshi and a thousandth of the amount, rounded up.
Msat sandbox_route_fee(Msat amount);

struct ExternalInvoiceRequest {
  std::optional<Msat> amount;  ///< nullopt: an invoice for any amount
  SandboxBehavior behavior{};
  std::uint32_t expiry_s = 3'600;
};

/// Creates an invoice of a node other than the workspace's own; yields {bolt11, payment_hash, …} as JSON.
Task<Result<std::string>> create_external_invoice(Context& cx, TenantScope tenant, ExternalInvoiceRequest asked,
                                                  IdempotencyClaim claim);

}  // namespace lntpay
