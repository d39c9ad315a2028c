// What a Lightning node does for us: the interface of two implementations, the sandbox (sandbox.hpp) and lnd.
#pragma once
#include <array>
#include <memory>
#include <optional>
#include <string>

#include "core/bolt11/payable.hpp"
#include "core/effects/context.hpp"
#include "core/workspace/realm.hpp"

namespace lntpay {

/// We draw the preimage ourselves, so asking twice makes one invoice.
struct InvoiceRequest {
  Bytes32 preimage{};
  Msat amount;  ///< at least 1: a node takes 0 for "any amount"
  bolt11::Description description;
  std::uint32_t expiry_s = 0;
};

/// lnd's states; ACCEPTED (a held payment) counts as open.
enum class InvoiceState : std::uint8_t { open, settled, canceled };
template <>
inline constexpr auto enum_names<InvoiceState> = std::to_array<std::string_view>({"open", "settled", "canceled"});

/// An invoice as the node knows it now.
struct NodeInvoice {
  Bytes32 payment_hash{};
  std::string bolt11;
  Msat amount;
  UnixMillis expires_at;
  InvoiceState state{};
  Msat paid;  ///< once settled: what really came, which may be more than asked
  std::optional<UnixMillis> settled_at;
  UnixMillis look_again;  ///< while open: when its state may change next
};

class Node {
 public:
  Node() = default;
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  virtual ~Node() = default;

  /// All fail with node_unavailable when the node does not answer; nothing is known then.
  /// An invoice with this preimage that exists already is yielded as it is.
  virtual Task<Result<NodeInvoice>> add_invoice(InvoiceRequest asked) = 0;
  /// nullopt: the node says that it has no such invoice.
  virtual Task<Result<std::optional<NodeInvoice>>> lookup(Bytes32 payment_hash) = 0;
  /// The node has refused every payment from now on, or the invoice was settled before: look it up. Repeating it is harmless.
  virtual Task<Result<>> cancel(Bytes32 payment_hash) = 0;
};

/// `test` is always the sandbox; `live` is the configured node, null where there is none.
std::unique_ptr<Node> node_of(Context& cx, const Realm& realm);

/// As `node_of`; fails with node_unavailable where there is none.
Result<std::unique_ptr<Node>> require_node(Context& cx, const Realm& realm);

/// What an invoice must be so that the realm's node may pay it.
bolt11::PayerRules payer_rules(const Settings& settings, const Realm& realm);

}  // namespace lntpay
