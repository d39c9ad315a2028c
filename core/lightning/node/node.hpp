// The interface to a Lightning node, with two implementations: the sandbox (sandbox_node.hpp) and lnd (lnd.hpp).
#pragma once
#include <array>
#include <memory>
#include <optional>
#include <string>

#include "core/lightning/bolt11/payable.hpp"
#include "core/tenant/context.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

/// A year.
inline constexpr std::uint64_t invoice_expiry_s_max = 31'536'000;

/// The caller generates the preimage, so a repeated request makes one invoice.
struct InvoiceRequest {
  Bytes32 preimage{};
  std::optional<Msat> amount;  ///< at least 1 msat; nullopt: any, which lnd writes as 0
  bolt11::Description description;
  std::uint32_t expiry_s = 0;
};

/// The hash if there is one, else the text.
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
  std::optional<Msat> amount;  ///< nullopt: any
  bolt11::Description description;
  std::uint64_t expiry_s = 0;  ///< from its creation
  UnixMillis expires_at;
  InvoiceState state{};
  Msat paid;  ///< settled: the amount received, which may exceed `amount`
  std::optional<UnixMillis> settled_at;
  UnixMillis next_poll_at;  ///< while open: when its state may have changed
};

/// The result of an invoice lookup, and its time by the node's own clock.
struct InvoiceLookup {
  std::optional<NodeInvoice> invoice;  ///< nullopt: the node reports that it has no such invoice
  UnixMillis node_time;
};

/// lnd's states of a payment, INITIATED counting as in flight. Succeeded and failed are final. A failed hash may be paid again,
/// which makes a new record.
enum class PaymentState : std::uint8_t { not_found, in_flight, succeeded, failed };
template <>
inline constexpr auto enum_names<PaymentState> = std::to_array<std::string_view>({"not_found", "in_flight", "succeeded", "failed"});

struct PaymentRecord {
  PaymentState state = PaymentState::not_found;
  std::uint64_t index = 0;  ///< lnd's payment_index, new for every record of the hash; 0 without a record
  Bytes32 preimage{};       ///< succeeded
  Msat fee;                 ///< succeeded: the cost of the route
  /// succeeded: the amount that arrived; nullopt if the node does not report it
  std::optional<Msat> amount{};
  std::string failure;  ///< failed: the node's reason, "FAILURE_REASON_NO_ROUTE"
};

/// The result of a payment lookup, and its time by the node's own clock.
struct PaymentLookup {
  PaymentRecord record;
  UnixMillis node_time;
};

/// A payment to send. The fee limit is the locked one: a node never spends more on the route.
struct PaymentOrder {
  std::string bolt11;
  Bytes32 payment_hash{};
  Msat amount;
  bool amount_stated = true;  ///< in the invoice; else the order states it
  Msat fee_limit;
};

/// The outcome of a send (docs/money.md, "The release fence").
enum class SendOutcome : std::uint8_t {
  refused,         ///< refused before any attempt, or nothing left the host: this send pays nothing, now or later
  already_exists,  ///< the node has a payment for the hash already: this send pays nothing, an earlier one may
  finished,        ///< the final update arrived: `seen`
  unclear,         ///< anything else; `seen` is the last update, if there was one
};

struct SendResult {
  SendOutcome outcome = SendOutcome::unclear;
  std::optional<PaymentRecord> seen;
  std::string reason;  ///< refused, unclear: for people
};

/// How long a node may start attempts for one send; and the time after which a send counts as unclear.
inline constexpr Millis send_attempts_for = seconds(60);
inline constexpr Millis send_timeout = seconds(75);

class Node {
 public:
  Node() = default;
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  virtual ~Node() = default;

  // All fail with node_unavailable when the node does not respond; the state at the node is unknown then.

  /// Yields an existing invoice with this preimage unchanged. Fails with invalid_request if the node refuses such an invoice: then
  /// there is none.
  virtual Task<Result<NodeInvoice>> add_invoice(InvoiceRequest asked) = 0;
  /// After an `add_invoice` that failed: whether the node certainly has no invoice of it, because it refused or nothing was sent.
  [[nodiscard]] bool made_nothing() const { return made_nothing_; }
  virtual Task<Result<InvoiceLookup>> look_up_invoice(Bytes32 payment_hash) = 0;
  /// As `look_up_invoice`, without the time.
  Task<Result<std::optional<NodeInvoice>>> lookup(Bytes32 payment_hash);
  /// Then the node accepts no payment any more, or the invoice was settled before: look it up. Idempotent.
  virtual Task<Result<>> cancel(Bytes32 payment_hash) = 0;

  /// The node's public key.
  virtual Task<Result<PublicKey>> identity() = 0;
  /// Sends once, on a connection of its own, and no layer retries it if the host can guarantee that. Never fails: see the outcome.
  virtual Task<SendResult> send_payment(PaymentOrder order) = 0;
  /// The node's present record of the hash; does not wait for its final state.
  virtual Task<Result<PaymentLookup>> look_up_payment(Bytes32 payment_hash) = 0;
  /// An estimate of the route's cost without probing; nullopt if the node has none.
  virtual Task<Result<std::optional<Msat>>> route_fee(bolt11::Invoice invoice, Msat amount) = 0;
  /// The node's balance in its channels, including outgoing payments in flight. nullopt: unlimited (the sandbox).
  virtual Task<Result<std::optional<Msat>>> funds() = 0;

 protected:
  void note_made_nothing(bool nothing) { made_nothing_ = nothing; }

 private:
  bool made_nothing_ = false;
};

/// The sandbox for `test`; the configured node for `live`, null if there is none.
std::unique_ptr<Node> node_of(Context& cx, const TenantScope& tenant);

/// As `node_of`; fails with node_unavailable if there is none, and while the sandbox's fault node_down is on.
Result<std::unique_ptr<Node>> require_node(Context& cx, const TenantScope& tenant);

/// The rules of `bolt11::payable` for the tenant's node.
bolt11::PayerRules payer_rules(const Settings& settings, const TenantScope& tenant);

}  // namespace lntpay
