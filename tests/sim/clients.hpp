// The clients: shops that create, pay, cancel, withdraw and list, in several workspaces and both environments. They retry with the
// same key, race each other, misuse keys, and try to read other workspaces.
#pragma once
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/lnd_model.hpp"
#include "tests/sim/oracle.hpp"
#include "tests/sim/receivers.hpp"
#include "tests/sim/sim_host.hpp"

namespace lntpay::sim {

/// A request that a client sends, and retries until it has a response.
struct Ask {
  std::size_t shop = 0;
  std::string method;
  std::string target;
  std::string body;
  std::string key;     ///< Idempotency-Key; empty: none
  std::string number;  ///< in its metadata; empty: none
  std::string tenant;  ///< of the first attempt: a reset forgets its key
  UnixMillis first_at;
  int under_way = 0;
  std::optional<Response> answer;  ///< the first success
  bool wants_answer = true;        ///< no final response yet
};

/// One workspace in one environment, and its client's knowledge.
struct Shop {
  std::string workspace;
  std::string tenant;
  std::string token;
  bool live = false;
  struct Item {
    std::string id;
    std::string bolt11;
    std::string payment_hash;
    std::uint64_t amount_msat = 0;
  };
  std::vector<Item> charges;
  std::vector<std::string> withdrawals;
  std::vector<std::string> endpoints;
  bool has_webhook_secret = false;
  std::vector<std::string> keys;
  std::int64_t events_read = 0;  ///< the seq of the last event that it read
};

/// An invoice that a shop may withdraw to.
struct Payable {
  std::string bolt11;
  std::string payment_hash;
  std::optional<std::uint64_t> amount_msat;
};

class Clients {
 public:
  Clients(Scene& scene, Host& host, LndModel& lnd, Receivers& receivers, Oracle& oracle)
      : scene_(scene), host_(host), lnd_(lnd), receivers_(receivers), oracle_(oracle) {
    scene.on_slow = [this](const Outgoing& slow, Millis arrives_in) { overtake(slow, arrives_in); };
  }

  /// Creates the workspaces, without faults.
  void open_shops(std::size_t workspaces);
  /// One random action.
  void act();
  /// Sends a new request of a shop, or repeats one.
  std::size_t ask(std::size_t shop, std::string method, std::string target, std::string body = {}, std::string key = {});
  void repeat(std::size_t ask);

  /// Retries every request without a final response; false: there is none.
  bool retry_unanswered();
  /// The operator resolves reviews, as the node's records prove.
  bool resolve_reviews();
  /// The operator records that the live node was restored. False: no success.
  bool record_restore();
  /// I11, I12, I13: the end of every delivery, effects counted by key, every list compared with the rows.
  void check_quiet();
  /// I13 between two steps, when no session is open.
  void check_moving();
  /// Stops the sandboxes' own faults.
  void stop_sandbox_faults();

  [[nodiscard]] const Ask& asked(std::size_t ask) const { return asks_[ask]; }
  std::vector<Shop> shops;
  std::vector<Payable> payables;                                  ///< at other nodes
  std::vector<std::pair<std::size_t, Payable>> sandbox_payables;  ///< by shop
  bool eager = true;                                              ///< acts as soon as it can; not in scripted plays

 private:
  // clients.cpp
  void on_response(std::size_t ask, const std::optional<Response>& response);
  void learn(const Ask& ask, const std::string& body);
  void compare(const Ask& ask, const Response& response) const;
  /// Whether its key is still stored; a later retry is a new request.
  [[nodiscard]] bool is_kept(const Ask& ask) const;
  std::string fresh_key();
  void follow_resets();
  [[nodiscard]] bool is_forgetful(std::size_t shop) const;
  void set_sandbox_faults(std::size_t shop, const std::string& names);
  // actions.cpp
  struct Action;
  static const Action actions[];
  void create_charge();
  void pay_charge();
  void expire_charge();
  void cancel_charge();
  void get_charge();
  void make_invoice();
  void withdraw();
  void withdraw_to(std::size_t shop, Payable payable, bool race);
  void pay_item(std::size_t shop, Shop::Item charge);
  void withdraw_invalid();
  void get_withdrawal();
  void cancel_withdrawal();
  void reconcile_withdrawal();
  /// Polls a withdrawal before and after a slow send or poll of it arrives at the node, so that answers overtake each other.
  void overtake(const Outgoing& slow, Millis arrives_in);
  void quote();
  void retry();
  void reuse_key();
  void read_other_workspace();
  void read_ledger();
  void list();
  void make_endpoint();
  void change_endpoint();
  void change_webhook_secret();
  void receiver_changes();
  void make_key();
  void node_incident();
  void clock_incident();
  // sandbox_actions.cpp
  void fund();
  void advance_sandbox();
  void reset_sandbox();
  void sandbox_fails();
  void give_up();
  void explain();
  // deliveries.cpp
  void check_deliveries();
  // reconciliations.cpp
  void check_reconciliation();
  // events.cpp
  void follow_events();
  void read_events(const Ask& ask, const std::string& body);
  // lists.cpp
  void check_ledger_list(std::size_t shop);
  void check_list(std::size_t shop, std::string_view what, const std::string& status);
  std::vector<std::string> ids_listed(std::size_t shop, std::string_view what, const std::string& filter, std::uint64_t limit);
  std::optional<Response> ask_now(const std::string& token, const std::string& target, const std::string& method = "GET",
                                  const std::string& body = {});

  std::size_t any_shop(bool live_only = false, bool test_only = false);

  Scene& scene_;
  Host& host_;
  LndModel& lnd_;
  Receivers& receivers_;
  Oracle& oracle_;
  std::deque<Ask> asks_;
  std::uint64_t last_key_ = 0;
};

inline constexpr std::string_view operator_token = "lnt_operator_simulator";

}  // namespace lntpay::sim
