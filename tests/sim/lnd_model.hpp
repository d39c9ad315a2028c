// lnd behind its REST gateway: a status table, payment indices, and the states of a real node. Texts and shapes are those of
// recordings of real nodes.
//
// Its records, `received` and `paid`, are one of the oracle's two sources.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/crypto/secp256k1.hpp"
#include "tests/sim/wire.hpp"

namespace lntpay::sim {

/// The outcome of paying an invoice; it may differ between attempts.
enum class Fate : std::uint8_t {
  succeeds,
  fails,
  slow,          ///< in flight for up to 20 minutes, then paid
  slow_to_fail,  ///< in flight for up to 20 minutes, then failed
  held,          ///< in flight for days beyond the invoice's expiry, then paid
  fickle,        ///< random for every attempt
};

/// The reader of the node's stream of invoices.
struct Follower {
  std::function<void(std::string)> line;
  std::function<void()> end;
};

/// One payment.
struct Paid {
  std::uint64_t index = 0;
  std::uint64_t amount_msat = 0;
  std::uint64_t fee_msat = 0;
  std::uint64_t excess_msat = 0;  ///< part of the fee above the limit
};

class LndModel final : public Peer {
 public:
  explicit LndModel(Scene& scene);

  void arrive(const Outgoing& request, Line line) override;
  [[nodiscard]] bool listens() const override { return scene_.agenda.now() >= down_until_; }

  /// SubscribeInvoices: first, if the index is not 0, the invoices settled after it; then new ones. False: the node is not ready.
  bool subscribe(std::uint64_t settle_index, Follower follower);
  void will_repeat(const Outgoing& request) override;
  /// The payment hash of a send or a poll; empty for other requests.
  [[nodiscard]] static std::string payment_of(const Outgoing& request);

  // The world outside.
  /// An invoice of another node.
  struct ExternalInvoice {
    std::string bolt11;
    std::string payment_hash;
  };
  ExternalInvoice create_external_invoice(std::optional<std::uint64_t> amount_msat, std::uint32_t expiry_s, Fate fate);
  void change_fate(const std::string& payment_hash, Fate fate) { outside_.at(payment_hash).fate = fate; }
  /// Pays one of the node's own invoices; false if lnd would reject it (BOLT 4: too little, canceled, expired, paid).
  bool pay(const std::string& payment_hash, std::uint64_t amount_msat);
  /// A payment arrives and is held (ACCEPTED) for a while, then settled or returned.
  bool hold(const std::string& payment_hash, std::uint64_t amount_msat, Millis span, bool settles);
  void restart(Millis down, Millis starting);
  /// A payment that has ended is deleted.
  void forget_payment(const std::string& payment_hash) {
    if (payments_.erase(payment_hash) > 0) forgotten.insert(payment_hash);
  }
  /// The state of one of the node's own invoices, "OPEN", …; empty: it has none.
  [[nodiscard]] std::string state_of_invoice(const std::string& payment_hash);
  [[nodiscard]] std::string bolt11_of(const std::string& payment_hash) const;
  /// Deletes the canceled invoices of challenges, as lnd does where an operator configures it. (Charges do not survive that.)
  void collect_canceled_invoices();
  /// A look-up does not find the invoice for this span, as at a replica that lags behind. Once for each invoice.
  void hide_invoice(const std::string& payment_hash, Millis span);
  void show_hidden_invoices();
  [[nodiscard]] bool has_hidden(const std::string& payment_hash) const { return hidden_.contains(payment_hash); }
  [[nodiscard]] bool has_payment(const std::string& payment_hash) const { return payments_.contains(payment_hash); }
  [[nodiscard]] std::string status_of(const std::string& payment_hash) const;
  [[nodiscard]] std::optional<std::string> preimage_of(const std::string& payment_hash) const;
  /// The preimage that the payer of one of the node's own invoices got.
  [[nodiscard]] std::string preimage_received(const std::string& payment_hash) const;
  std::optional<Millis> held_beyond_expiry;  ///< duration of a held payment; default: random
  bool expensive_routes = true;              ///< one payment in sixteen finds no route within its limit; not in plays
  Millis skew{};                             ///< of the node's clock
  bool sends_date = true;                    ///< some proxies remove the header

  // The node's records.
  std::map<std::string, std::uint64_t> received;
  std::map<std::string, std::vector<Paid>> paid;
  std::set<std::string> forgotten;  ///< payment hashes with a deleted record
  std::set<std::string> repeated;   ///< payment hashes with a send that the network repeats
  /// Called when a payment has succeeded, which is final.
  std::function<void(const std::string& payment_hash, const Paid&)> on_paid;
  /// Whether the payment hash is, or was, that of an issued challenge.
  std::function<bool(const std::string& payment_hash)> is_challenge;
  /// Whether this payment may be deleted.
  std::function<bool(const std::string& payment_hash)> may_forget;
  std::uint64_t sends_arrived = 0;

 private:
  struct Invoice {
    Bytes32 preimage{};
    std::string bolt11;
    std::uint64_t amount_msat = 0;
    std::uint64_t created_s = 0;
    std::uint64_t expiry_s = 0;
    std::string state = "OPEN";
    std::uint64_t paid_msat = 0;
    std::uint64_t settled_s = 0;
    std::uint64_t settle_index = 0;
  };
  struct Outside {
    Bytes32 preimage{};
    std::string bolt11;
    std::optional<std::uint64_t> amount_msat;
    UnixMillis expires_at;
    Fate fate{};
  };
  struct Payment {
    std::uint64_t index = 0;
    std::string status = "IN_FLIGHT";
    std::string reason = "FAILURE_REASON_NONE";
    std::string bolt11;
    std::uint64_t amount_msat = 0;
    std::uint64_t fee_msat = 0;
    std::uint64_t excess_msat = 0;
    UnixMillis began_at;
    std::vector<Line> followers;
  };

  [[nodiscard]] UnixMillis now() const { return scene_.agenda.now() + skew; }
  [[nodiscard]] std::uint64_t now_s() const { return now().value / 1'000; }
  [[nodiscard]] Response answer(std::uint16_t status, std::string body) const;
  [[nodiscard]] Response refusal(std::uint16_t status, int code, std::string_view message) const;
  [[nodiscard]] Response stream_refusal(std::uint16_t status, int code, std::string_view message) const;
  Response add_invoice(const std::string& body);
  Response lookup(const std::string& payment_hash);
  Response cancel(const std::string& body);
  void send(const std::string& body, Line line);
  void track(const std::string& payment_hash, Line line);
  void start(const std::string& payment_hash, const Outside* outside, std::uint64_t amount_msat, std::uint64_t fee_limit_msat);
  void finish(const std::string& payment_hash, std::uint64_t index, bool succeeds);
  [[nodiscard]] std::string update(const std::string& payment_hash, const Payment& payment) const;
  void expire(Invoice& invoice) const;
  void settle(const std::string& payment_hash, std::uint64_t amount_msat);
  void notify_follower(const Invoice& invoice) const;
  [[nodiscard]] static std::string invoice_json(const Invoice& invoice);

  Scene& scene_;
  SecretKey key_;
  SecretKey outside_key_;
  std::map<std::string, Invoice> invoices_;
  std::map<std::string, UnixMillis> hidden_;  ///< payment hash -> the time from which a look-up finds it
  std::map<std::string, Outside> outside_;
  std::map<std::string, Payment> payments_;
  std::vector<std::string> settled_;  ///< payment hashes in the order of their settle_index, from 1
  std::optional<Follower> follower_;  ///< the latest; there is one host
  std::uint64_t last_index_ = 0;
  std::uint64_t last_preimage_ = 0;
  UnixMillis down_until_{};
  UnixMillis starting_until_{};
};

}  // namespace lntpay::sim
