// lnd as the node of the live environment, over its REST gateway (docs/lnd.md). The host adds address, TLS and macaroon: two
// upstreams, so that what receives can never pay.
#pragma once
#include "core/lightning/node/lnd_json.hpp"
#include "core/lightning/node/node.hpp"

namespace lntpay {

class LndNode final : public Node {
 public:
  explicit LndNode(Context& cx) : cx_(cx) {}

  // Receiving: lnd_receive.cpp.
  Task<Result<NodeInvoice>> add_invoice(InvoiceRequest asked) override;
  Task<Result<std::optional<NodeInvoice>>> lookup(Bytes32 payment_hash) override;
  Task<Result<>> cancel(Bytes32 payment_hash) override;

  // Paying: lnd_pay.cpp.
  Task<Result<PublicKey>> identity() override;
  /// As the node says it to this upstream.
  Task<Result<PublicKey>> identity_at(std::string_view upstream);
  /// JSON for whoever runs the host: {"status":"ready","reason":null}; else unavailable, another_network or behind, and why.
  Task<std::string> state();
  Task<SendResult> send_payment(PaymentOrder order) override;
  Task<Result<PaymentLookup>> look_up_payment(Bytes32 payment_hash) override;
  /// nullopt: lnd would send probes through the network to find out.
  Task<Result<std::optional<Msat>>> route_fee(bolt11::Invoice invoice, Msat amount) override;

  // What it has, and what could come: lnd_channels.cpp.
  Task<Result<std::optional<Msat>>> funds() override;
  /// JSON for whoever is paid over it: {"capacity_msat","smallest_msat"}, all that its active, announced channels can receive
  /// together (a payment may come in parts), and below what no peer forwards a payment to it (null: none of them says); else
  /// {"reason"}.
  Task<std::string> receivable();

 private:
  /// A unary answer of lnd's: its object, or its refusal.
  struct Answer {
    Json object;
    std::optional<lnd::Refusal> refusal;
  };
  /// Fails with node_unavailable when anything but lnd's whole answer came.
  Task<Result<Answer>> call(Outgoing request);
  Task<Reply> fetch(Outgoing request);

  Context& cx_;
};

namespace lnd {

inline constexpr std::string_view receive = "lnd-receive";
inline constexpr std::string_view pay = "lnd-pay";

/// A GET without a body, a POST with one.
Outgoing request_for(std::string_view upstream, std::string target, std::string body = {});

/// What can come over active channels that are announced, of lnd's list of them; nullopt where it is none.
struct Receivable {
  std::uint64_t capacity_msat = 0;
  bool has_private = false;  ///< there are others
};
std::optional<Receivable> receivable_in(std::string_view channels);

/// node_unavailable, with lnd's reason where that is known.
std::unexpected<Error> unavailable(const Refusal& refusal);

}  // namespace lnd
}  // namespace lntpay
