// lnd as the node of the live environment, over its REST gateway (docs/lnd.md). The host adds address, TLS and macaroon. Receiving
// and paying are two upstreams, so that the receiving macaroon can never pay.
#pragma once
#include "core/lightning/node/lnd_json.hpp"
#include "core/lightning/node/node.hpp"

namespace lntpay {

class LndNode final : public Node {
 public:
  explicit LndNode(Context& cx) : cx_(cx) {}

  // Receiving: lnd_receive.cpp.
  Task<Result<NodeInvoice>> add_invoice(InvoiceRequest asked) override;
  Task<Result<InvoiceLookup>> look_up_invoice(Bytes32 payment_hash) override;
  Task<Result<>> cancel(Bytes32 payment_hash) override;

  // Paying: lnd_pay.cpp.
  Task<Result<PublicKey>> identity() override;
  /// As reported to this upstream.
  Task<Result<PublicKey>> identity_at(std::string_view upstream);
  /// JSON for the operator: {"status":"ready","reason":null}; else unavailable, another_network or behind, with a reason.
  Task<std::string> state();
  Task<SendResult> send_payment(PaymentOrder order) override;
  Task<Result<PaymentLookup>> look_up_payment(Bytes32 payment_hash) override;
  /// nullopt: lnd would need to send probes.
  Task<Result<std::optional<Msat>>> route_fee(bolt11::Invoice invoice, Msat amount) override;

  // Balance and receiving capacity: lnd_channels.cpp.
  Task<Result<std::optional<Msat>>> funds() override;
  /// JSON: {"capacity_msat","smallest_msat"}: the total that its active, announced channels can receive (a payment may arrive in
  /// parts), and the smallest payment that a peer forwards to it (null: unknown); else {"reason"}.
  Task<std::string> receivable();

 private:
  /// A unary response of lnd: its object, or its error.
  struct Answer {
    Json object;
    std::optional<lnd::Refusal> refusal;
    UnixMillis node_time;
  };
  /// Fails with node_unavailable for anything but a complete response of lnd; `sent_` then reports whether anything left the host.
  Task<Result<Answer>> call(Outgoing request);
  Task<Reply> fetch(Outgoing request);

  Context& cx_;
  bool sent_ = true;
};

namespace lnd {

inline constexpr std::string_view receive = "lnd-receive";
inline constexpr std::string_view pay = "lnd-pay";

/// A GET without a body, a POST with one.
Outgoing request_for(std::string_view upstream, std::string target, std::string body = {});

/// The receiving capacity of the active, announced channels in lnd's list; nullopt if the text is not such a list.
struct Receivable {
  std::uint64_t capacity_msat = 0;
  bool has_private = false;  ///< the list has unannounced channels
};
std::optional<Receivable> receivable_in(std::string_view channels);

/// lnd's clock, by the Date header. Without one (a proxy may remove it) the time is 0: before any invoice's expiry, so that the
/// response counts for everything except what needs the node's clock.
UnixMillis node_time(const Response& response);

/// node_unavailable, with lnd's reason if it is a known one.
std::unexpected<Error> unavailable(const Refusal& refusal);

}  // namespace lnd
}  // namespace lntpay
