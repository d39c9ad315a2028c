// The oracle: a second, naive ledger that shares no code with the first. Its inputs are the committed rows, the
// node's records, and the responses that clients saw; it checks the invariants of docs/money.md against all three.
//
// Rules about one change are checked at its commit; rules about a quiet world are in quiet.cpp.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/sim/lnd_model.hpp"
#include "tests/sim/rows.hpp"
#include "tests/sim/scene.hpp"

namespace lntpay::sim {

/// How long the engine of a campaign keeps events: so short that they are pruned while a world lasts.
inline constexpr int campaign_keeps_events_days = 1;

class Oracle {
 public:
  Oracle(Scene& scene, LndModel& lnd);

  /// A client saw this charge or withdrawal: it must exist from now on, and a final status must stay.
  void saw(const std::string& tenant, std::string_view object);
  /// In a quiet world: I6, I7, I8, I11, I14, and that everything clients saw is true.
  void check_quiet() const;
  /// I14 for challenges, an hour after the last one: none is left unpaid, except where a payment is held, or the node forgets.
  void check_challenges_an_hour_later() const;
  /// The state of a challenge's row, "issuing", "issued" or "settled"; empty: there is none, or no longer.
  [[nodiscard]] std::string state_of_challenge(const std::string& tenant, const std::string& payment_hash) const;
  /// Whether the node's payment may be deleted: no withdrawal tracks it, or the one that does has seen it. (Operators are
  /// instructed to delete no other payments.)
  [[nodiscard]] bool may_forget(const std::string& payment_hash) const;

  /// The current generation of a sandbox, and whether a tenant is of an earlier one, whose objects need not end.
  [[nodiscard]] std::int64_t generation(const std::string& tenant) const;
  [[nodiscard]] std::string present(const std::string& tenant) const { return generation_of(lasting(tenant), generation(tenant)); }
  [[nodiscard]] bool is_past(const std::string& tenant) const { return present(tenant) != tenant; }

  struct Withdrawal {
    std::string id;
    std::string tenant;
    std::string status;
    std::string payment_hash;
    std::int64_t amount = 0;
    std::int64_t fee_limit = 0;
    std::size_t sends = 0;
    int locks = 0;
    int resolves = 0;
    bool given_up = false;  ///< resolved as failed by an operator, after it was sent
    int adjustments = 0;
  };
  struct Charge {
    std::string tenant;
    std::string status;
    std::string payment_hash;
    std::int64_t amount = 0;  ///< 0: the payer chooses it
    std::int64_t credited = 0;
    int credits = 0;
  };
  /// A gate's challenge, which becomes a charge when it is paid.
  struct Challenge {
    std::string tenant;
    std::string state;  ///< empty: deleted
    std::string payment_hash;
    std::string gate;
    std::int64_t amount = 0;
  };
  /// One workspace in one environment.
  struct Books {
    std::int64_t available = 0, locked = 0, suspense = 0;
    std::int64_t entries = 0, events = 0;
    std::int64_t pruned = 0;  ///< of the events: the first ones
    std::string chain = std::string(64, '0');
    std::int64_t reserved = 0;  ///< by withdrawals with a lock
    std::int64_t credited = 0, paid_out = 0;
    std::int64_t paid_late = 0;    ///< for withdrawals that were given up: in suspense
    std::int64_t overcharged = 0;  ///< by the node, above fee limits: in suspense
    std::int64_t explained = 0;    ///< of both, adjusted by an operator
    std::int64_t put_back = 0;     ///< part of `explained` that the operator bears
  };
  [[nodiscard]] const std::map<std::string, Withdrawal, std::less<>>& withdrawals() const { return withdrawals_; }
  [[nodiscard]] const std::map<std::string, Charge, std::less<>>& charges() const { return charges_; }
  [[nodiscard]] const std::map<std::string, Books>& books() const { return books_; }
  [[nodiscard]] std::int64_t settled_live_challenges() const;
  /// The URL of every webhook endpoint that ever existed.
  [[nodiscard]] const std::map<std::string, std::string, std::less<>>& urls() const { return urls_; }

 private:
  /// Repeated entropy can give two tenants one id; they remain separate objects.
  static std::string key_of(const std::string& tenant, std::string_view id) { return tenant + "/" + std::string(id); }
  static void require_event(const std::vector<RowChange>& commit, const std::string& type, std::string_view id);
  void committed(const std::vector<RowChange>& changes);
  void saw_entry(const Place& place, const RowChange& change);
  void saw_new_charges(const std::vector<RowChange>& changes);
  void saw_charge(const Place& place, const RowChange& change, const std::vector<RowChange>& commit);
  void check_refunds(const std::string& tenant, const Charge& charge, const std::string& id, std::int64_t refunded);
  [[nodiscard]] bool is_paid_challenge(const Charge& charge, std::string_view status) const;
  void saw_challenge(const RowChange& change);
  void check_settled(const Challenge& challenge, std::string_view charge) const;
  void check_deleted(const Challenge& challenge, const RowChange& change);
  [[nodiscard]] bool has_due_row(const RowChange& change, const std::string& payment_hash) const;
  void check_challenges() const;
  void saw_withdrawal(const Place& place, const RowChange& change, const std::vector<RowChange>& commit);
  void saw_event(const Place& place, const RowChange& change);
  void saw_pruned(const Place& place, const RowChange& change);
  void check_pruned(const std::string& tenant) const;
  void check_deliveries(const Place& place, const RowChange& event, const std::vector<RowChange>& commit) const;
  void check_charge_delivery(const Place& place, const std::vector<std::string_view>& event,
                             const std::vector<RowChange>& commit) const;
  void saw_sandbox_payment(const Place& place, const RowChange& change);
  void check_credit(const Place& place, const std::vector<std::string_view>& entry);
  void check_lock_or_end(const Place& place, const std::vector<std::string_view>& entry);
  void check_ticket(const std::string& tenant, const std::vector<std::string_view>& entry);
  void check_adjustment(Withdrawal& withdrawal, const std::vector<std::string_view>& entry);
  [[nodiscard]] std::string key_of_seen(const std::string& tenant, std::string_view kind, const std::string& id) const;
  void check_settle(const Withdrawal& withdrawal, const std::vector<std::string_view>& entry);
  void node_paid(const std::string& payment_hash, const Paid& paid);
  void check_head(const std::string& tenant);
  void saw_delivery(const Place& place, const RowChange& change);
  void saw_flight(const Place& place, const RowChange& change);
  void mark_release(const std::vector<std::string_view>& row);
  void check_review(const Withdrawal& withdrawal, std::string_view reason) const;
  [[nodiscard]] bool was_sent_by_another(const Withdrawal& withdrawal) const;

  struct Fact {
    bool happened = false;
    std::int64_t amount = 0;
    std::int64_t fee = 0;
  };
  /// The node's record of a charge's receipt, or of a withdrawal's payment.
  [[nodiscard]] Fact received_for(const std::string& tenant, const std::string& payment_hash) const;
  [[nodiscard]] Fact paid_for(const std::string& tenant, const std::string& payment_hash) const;

  Scene& scene_;
  LndModel& lnd_;
  std::map<std::string, Books> books_;
  std::map<std::string, Withdrawal, std::less<>> withdrawals_;
  std::map<std::string, Charge, std::less<>> charges_;
  std::map<std::string, Challenge, std::less<>> challenges_;
  std::set<std::string, std::less<>> live_challenges_;    ///< every payment hash that was ever issued
  std::set<std::string> credited_;                        ///< "live/{payment hash}", "{tenant}/{payment hash}" of a sandbox
  std::multimap<std::string, std::string> live_by_hash_;  ///< payment hash -> withdrawal
  std::map<std::string, std::string, std::less<>> urls_;  ///< by endpoint
  std::set<std::string, std::less<>> ended_deliveries_;   ///< those that have ended once; some were queued again since
  std::set<std::string> tickets_;
  std::set<std::string> forgetful_;          ///< sandboxes whose node has hidden its payments, without their generation
  std::map<std::string, std::string> seen_;  ///< id -> the last status that a client saw
};

}  // namespace lntpay::sim
