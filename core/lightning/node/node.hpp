// What a Lightning node does for us: the interface of two implementations, the sandbox (sandbox.hpp) and lnd.
#pragma once
#include <array>
#include <memory>
#include <optional>
#include <string>

#include "core/lightning/bolt11/payable.hpp"
#include "core/tenant/context.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

/// We draw the preimage ourselves, so asking twice makes one invoice.
struct InvoiceRequest {
  Bytes32 preimage{};
  Msat amount;  ///< at least 1: a node takes 0 for "any amount"
  bolt11::Description description;
  std::uint32_t expiry_s = 0;
};

/// A text, or the hash that stands for a longer one.
inline bolt11::Description description_of(const std::string& text, const std::optional<Bytes32>& hash) {
  if (hash) return bolt11::DescriptionHash{*hash};
  return text;
}

/// lnd's states; ACCEPTED (a held payment) counts as open.
enum class InvoiceState : std::uint8_t { open, settled, canceled };
template <>
inline constexpr auto enum_names<InvoiceState> = std::to_array<std::string_view>({"open", "settled", "canceled"});

/// An invoice as the node knows it now.
struct NodeInvoice {
  Bytes32 payment_hash{};
  std::string bolt11;
  Msat amount;
  bolt11::Description description;
  std::uint64_t expiry_s = 0;  ///< from when it was made
  UnixMillis expires_at;
  InvoiceState state{};
  Msat paid;  ///< once settled: what really came, which may be more than asked
  std::optional<UnixMillis> settled_at;
  UnixMillis next_poll_at;  ///< while open: when its state may change next
};

/// What a node knows of paying a hash; lnd's states, INITIATED counting as in flight. Succeeded and failed are final for this
/// attempt: nothing of it can move any more. A failed hash may be tried anew, and then has another record.
enum class PaymentState : std::uint8_t { not_found, in_flight, succeeded, failed };
template <>
inline constexpr auto enum_names<PaymentState> = std::to_array<std::string_view>({"not_found", "in_flight", "succeeded", "failed"});

struct PaymentRecord {
  PaymentState state = PaymentState::not_found;
  std::uint64_t index = 0;  ///< lnd's payment_index: a new one whenever the hash is tried anew; 0 where there is no record
  Bytes32 preimage{};       ///< succeeded
  Msat fee;                 ///< succeeded: what the route cost beyond the amount
  /// succeeded: what arrived; nullopt where the node does not say
  std::optional<Msat> amount{};
  std::string failure;  ///< failed: the node's reason, "FAILURE_REASON_NO_ROUTE"
};

/// A look at a payment, and when it was by the node's own clock.
struct PaymentLookup {
  PaymentRecord record;
  UnixMillis node_time;
};

/// What to pay. The fee limit is the one that was locked: a node never spends more on the route.
struct PaymentOrder {
  std::string bolt11;
  Bytes32 payment_hash{};
  Msat amount;
  bool amount_stated = true;  ///< by the invoice; else the order says it
  Msat fee_limit;
};

/// How a send ended, as far as money is concerned (docs/money.md, "The release fence").
enum class SendOutcome : std::uint8_t {
  refused,   ///< a definite refusal before any attempt, or nothing left the host: this send starts nothing, now or later
  known,     ///< the node has a payment for the hash already: this send starts nothing, an earlier one may have
  finished,  ///< the final update arrived: `seen`
  unclear,   ///< anything else; what was seen last, if anything, is in `seen`
};

struct SendResult {
  SendOutcome outcome = SendOutcome::unclear;
  std::optional<PaymentRecord> seen;
  std::string reason;  ///< refused, unclear: for people
};

/// How long a node may start attempts for one send, and how long a send may take in all before it counts as unclear.
inline constexpr Millis send_attempts_for = seconds(60);
inline constexpr Millis send_timeout = seconds(75);

class Node {
 public:
  Node() = default;
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  virtual ~Node() = default;

  /// All fail with node_unavailable when the node does not answer; nothing is known then.
  /// An invoice with this preimage that exists already is yielded as it is. Fails with invalid_request when the node will not
  /// make such an invoice: then there is none.
  virtual Task<Result<NodeInvoice>> add_invoice(InvoiceRequest asked) = 0;
  /// nullopt: the node says that it has no such invoice.
  virtual Task<Result<std::optional<NodeInvoice>>> lookup(Bytes32 payment_hash) = 0;
  /// The node has refused every payment from now on, or the invoice was settled before: look it up. Repeating it is harmless.
  virtual Task<Result<>> cancel(Bytes32 payment_hash) = 0;

  /// Who the node is: its public key. Fails with node_unavailable.
  virtual Task<Result<PublicKey>> identity() = 0;
  /// Sends once, on a connection of its own, repeated by no layer where the host can promise that. Whatever happens is an answer.
  virtual Task<SendResult> send_payment(PaymentOrder order) = 0;
  /// The node's record of the hash as it is now; does not wait for its end. Fails with node_unavailable: nothing is known then.
  virtual Task<Result<PaymentLookup>> look_up_payment(Bytes32 payment_hash) = 0;
  /// What a route would cost as far as the node knows without trying; nullopt where it does not.
  virtual Task<Result<std::optional<Msat>>> route_fee(bolt11::Invoice invoice, Msat amount) = 0;
  /// What it has in its channels; money on its way out is its own until it arrives. nullopt: a node without limit, the sandbox's.
  virtual Task<Result<std::optional<Msat>>> funds() = 0;
};

/// `test` is always the sandbox; `live` is the configured node, null where there is none.
std::unique_ptr<Node> node_of(Context& cx, const TenantScope& tenant);

/// As `node_of`; fails with node_unavailable where there is none, and while the sandbox's fault node_down is on.
Result<std::unique_ptr<Node>> require_node(Context& cx, const TenantScope& tenant);

/// What an invoice must be so that the tenant's node may pay it.
bolt11::PayerRules payer_rules(const Settings& settings, const TenantScope& tenant);

}  // namespace lntpay
