// The oracle: a second ledger, naive, that shares no code with the first. It is fed by the rows as they are committed, by the
// node's own books, and by what clients were told; and it holds the invariants of docs/money.md against all three.
//
// What can be judged from one change is judged in the moment of its commit; what needs a quiet world is in quiet.cpp.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/sim/lnd_model.hpp"
#include "tests/sim/rows.hpp"
#include "tests/sim/scene.hpp"

namespace lntpay::sim {

class Oracle {
 public:
  Oracle(Scene& scene, LndModel& lnd);

  /// What a client was told of a charge or a withdrawal: it exists from now on, and what is final stays.
  void told(const std::string& tenant, std::string_view object);
  /// Once nothing moves any more: I6, I7, I8, I11, I14, and that what clients were told is so.
  void check_quiet() const;
  /// Whether the node's payment of the hash may be deleted: nobody follows it, or whoever does has seen it. (That nobody deletes
  /// what was never seen is what operators are told to keep to.)
  [[nodiscard]] bool may_forget(const std::string& payment_hash) const;

  /// Where a sandbox is by now, and whether it was reset since: what is past ends nowhere, and that is right.
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
    int locks = 0;
    int resolves = 0;
    bool given_up = false;  ///< by an operator, after it was sent
    int adjustments = 0;
  };
  struct Charge {
    std::string tenant;
    std::string status;
    std::string payment_hash;
    std::int64_t amount = 0;
    int credits = 0;
  };
  /// One workspace in one environment.
  struct Books {
    std::int64_t available = 0, locked = 0, suspense = 0;
    std::int64_t entries = 0, events = 0;
    std::string chain = std::string(64, '0');
    std::int64_t reserved = 0;  ///< of the withdrawals that hold a lock
    std::int64_t credited = 0, paid_out = 0;
    std::int64_t paid_late = 0;    ///< of withdrawals that were given up: in suspense
    std::int64_t overcharged = 0;  ///< by the node, beyond fee limits: in suspense
    std::int64_t explained = 0;    ///< of both, by an operator
    std::int64_t put_back = 0;     ///< of what was explained, borne by whoever runs the node
  };
  [[nodiscard]] const std::map<std::string, Withdrawal, std::less<>>& withdrawals() const { return withdrawals_; }
  [[nodiscard]] const std::map<std::string, Charge, std::less<>>& charges() const { return charges_; }
  [[nodiscard]] const std::map<std::string, Books>& books() const { return books_; }
  /// Where each webhook endpoint that ever was sent to.
  [[nodiscard]] const std::map<std::string, std::string, std::less<>>& urls() const { return urls_; }

 private:
  void committed(const std::vector<RowChange>& changes);
  void saw_entry(const Place& place, const RowChange& change);
  void saw_charge(const Place& place, const RowChange& change, const std::vector<RowChange>& commit);
  void saw_withdrawal(const Place& place, const RowChange& change, const std::vector<RowChange>& commit);
  void saw_event(const Place& place, const RowChange& change);
  void check_deliveries(const Place& place, const RowChange& event, const std::vector<RowChange>& commit) const;
  void saw_sandbox_payment(const Place& place, const RowChange& change);
  void check_credit(const Place& place, const std::vector<std::string_view>& entry);
  void check_lock_or_end(const Place& place, const std::vector<std::string_view>& entry);
  void check_ticket(const std::string& tenant, const std::vector<std::string_view>& entry);
  void check_adjustment(Withdrawal& withdrawal, const std::vector<std::string_view>& entry);
  [[nodiscard]] std::string key_told(const std::string& tenant, std::string_view kind, const std::string& id) const;
  void check_settle(const Withdrawal& withdrawal, const std::vector<std::string_view>& entry);
  void node_paid(const std::string& payment_hash, const Paid& paid);
  void check_head(const std::string& tenant);
  void saw_delivery(const Place& place, const RowChange& change) const;
  void mark_release(const std::vector<std::string_view>& row);

  struct Fact {
    bool happened = false;
    std::int64_t amount = 0;
    std::int64_t fee = 0;
  };
  /// What the node has received for a charge, or paid for a withdrawal, by its own books.
  [[nodiscard]] Fact received_for(const std::string& tenant, const std::string& payment_hash) const;
  [[nodiscard]] Fact paid_for(const std::string& tenant, const std::string& payment_hash) const;

  Scene& scene_;
  LndModel& lnd_;
  std::map<std::string, Books> books_;
  std::map<std::string, Withdrawal, std::less<>> withdrawals_;
  std::map<std::string, Charge, std::less<>> charges_;
  std::multimap<std::string, std::string> live_by_hash_;  ///< payment hash -> withdrawal
  std::map<std::string, std::string, std::less<>> urls_;  ///< by endpoint
  std::set<std::string> tickets_;
  std::map<std::string, std::string> told_;  ///< id -> the last status that a client saw
};

}  // namespace lntpay::sim
