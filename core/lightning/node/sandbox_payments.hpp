// The world outside the sandbox's node: invoices that somebody else made, and what becomes of paying them. Each behaves as it was
// told when it was made, so that every case of a withdrawal can be played (docs/money.md, "Withdrawals").
#pragma once
#include "core/lightning/node/node.hpp"
#include "core/request/idempotency_claim.hpp"

namespace lntpay {

enum class SandboxBehavior : std::uint8_t {
  succeed,               ///< at once
  fail,                  ///< at once: no route
  slow,                  ///< in flight for ten seconds, then paid
  stuck,                 ///< in flight until a day after the invoice's expiry, then paid after all
  unknown_then_succeed,  ///< the send's answer is lost, the node pays five seconds later
  unknown_then_fail,     ///< the send's answer is lost, the node gives up five seconds later
};
template <>
inline constexpr auto enum_names<SandboxBehavior> =
    std::to_array<std::string_view>({"succeed", "fail", "slow", "stuck", "unknown_then_succeed", "unknown_then_fail"});

/// `…/sandbox/outside/{payment hash}`: an invoice of somebody else.
struct ExternalInvoice {
  static constexpr int row_version = 1;
  Bytes32 preimage{};
  SandboxBehavior behavior{};
  UnixMillis expires_at;

  auto fields(this auto& self) { return std::tie(self.preimage, self.behavior, self.expires_at); }
};

/// `…/sandbox/payment/{payment hash}`: what the node does about a hash it was told to pay. A function of this row and the time.
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
  std::optional<Msat> amount;  ///< none: an invoice for any amount
  SandboxBehavior behavior{};
  std::uint32_t expiry_s = 3'600;
};

/// Makes an invoice of a node that is not the workspace's own, and yields {bolt11, payment_hash, …} as JSON.
Task<Result<std::string>> create_external_invoice(Context& cx, TenantScope tenant, ExternalInvoiceRequest asked,
                                                  IdempotencyClaim claim);

}  // namespace lntpay
