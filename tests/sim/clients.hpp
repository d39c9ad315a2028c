// The clients: shops that create, pay, cancel, withdraw and list, in several workspaces and both environments; that retry with the
// same key, race each other, reuse keys wrongly, and ask for what is another's.
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

/// A request that a client makes, perhaps several times, until it has an answer.
struct Ask {
  std::size_t shop = 0;
  std::string method;
  std::string target;
  std::string body;
  std::string key;     ///< Idempotency-Key; empty: none
  std::string number;  ///< what its metadata says; empty: it has none
  std::string tenant;  ///< where it was asked first: a reset forgets its key
  UnixMillis first_at;
  int under_way = 0;
  std::optional<Response> answer;  ///< the first that was good
  bool wants_answer = true;        ///< nothing definite was heard yet
};

/// One workspace in one environment, and what its client knows.
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
  std::vector<std::string> keys;
  std::int64_t events_read = 0;  ///< the seq that its reader of events has come to
};

/// Somebody's invoice that a shop may withdraw to.
struct Payable {
  std::string bolt11;
  std::string payment_hash;
  std::optional<std::uint64_t> amount_msat;
};

class Clients {
 public:
  Clients(Scene& scene, Host& host, LndModel& lnd, Receivers& receivers, Oracle& oracle)
      : scene_(scene), host_(host), lnd_(lnd), receivers_(receivers), oracle_(oracle) {}

  /// Makes the workspaces. Nothing goes wrong meanwhile.
  void open_shops(std::size_t workspaces);
  /// One drawn action.
  void act();
  /// Makes an ask of a shop, the first time or again.
  std::size_t ask(std::size_t shop, std::string method, std::string target, std::string body = {}, std::string key = {});
  void repeat(std::size_t ask);

  /// Asks again what has no definite answer yet; false: there is none.
  bool ask_again();
  /// The operator's word on what needs review: only what the node's books prove.
  bool resolve_reviews();
  /// I11, I12, I13: where every delivery ended, effects counted against keys, every list against the rows.
  void check_quiet();
  /// I13 while the world moves: between two steps, when no session is open.
  void check_moving();
  /// The sandboxes' own faults stop too.
  void end_sandbox_faults();

  [[nodiscard]] const Ask& asked(std::size_t ask) const { return asks_[ask]; }
  std::vector<Shop> shops;
  std::vector<Payable> payables;                                  ///< at the outside of lnd
  std::vector<std::pair<std::size_t, Payable>> sandbox_payables;  ///< by shop
  bool eager = true;  ///< pays, withdraws, regrets and repeats as soon as it may; not in stories told step by step

 private:
  // clients.cpp
  void heard(std::size_t ask, const std::optional<Response>& response);
  void learn(const Ask& ask, const std::string& body);
  void compare(const Ask& ask, const Response& response) const;
  /// Whether its key is remembered yet; a client that comes later than that begins something new.
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
  void withdraw_what(std::size_t shop, Payable payable, bool race);
  void pay_item(std::size_t shop, Shop::Item charge);
  void withdraw_nonsense();
  void get_withdrawal();
  void cancel_withdrawal();
  void reconcile_withdrawal();
  void quote();
  void retry();
  void reuse_key();
  void ask_for_anothers();
  void look_at_ledger();
  void list();
  void make_endpoint();
  void change_endpoint();
  void receiver_changes();
  void make_key();
  void node_happens();
  void clock_happens();
  // sandbox_actions.cpp
  void fund();
  void advance_sandbox();
  void reset_sandbox();
  void sandbox_fails();
  void give_up();
  void explain();
  // deliveries.cpp
  void check_deliveries();
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
