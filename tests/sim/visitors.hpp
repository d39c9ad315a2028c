// Visitors at gates, and the edge host in front of the service: it authorizes a request with the engine, forwards it to a
// service that is slow or faulty, and reports the response. Most visitors leave without paying; of the others some pay late, and
// some never return. I15: a payment is redeemed at most as often as it was paid for, and a payer who was not served is never
// rejected. Some gates let the request of a committed use repeat it for a while; some are metered: the service reports prices, some
// of them nonsense, and a payment is never overspent.
#pragma once
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/sim/clients.hpp"

namespace lntpay::sim {

class Visitors {
 public:
  Visitors(Scene& scene, Host& host, LndModel& lnd, const Clients& clients, const Oracle& oracle)
      : scene_(scene), host_(host), lnd_(lnd), clients_(clients), oracle_(oracle) {}

  /// Creates a gate for each shop, without faults.
  void open_gates();
  [[nodiscard]] bool is_open() const { return !gates_.empty(); }
  /// One random action.
  void act();
  // One action each, for scripted plays.
  void come(std::size_t gate);
  void pay(std::size_t ticket);
  /// A payment that arrives now, and is settled or returned later.
  void hold(std::size_t ticket, Millis span, bool settles);
  void present(std::size_t ticket);
  [[nodiscard]] std::size_t tickets() const { return tickets_.size(); }
  [[nodiscard]] const std::string& payment_hash(std::size_t ticket) const { return tickets_[ticket].payment_hash; }
  /// In a quiet world every paid and unserved use can be redeemed, and no more.
  void check_quiet(const std::function<void(Millis)>& pass);

 private:
  struct Gate {
    std::string id;
    std::string tenant;  ///< of its generation: a reset removes the gate
    std::string shop_token;
    Millis repeat;  ///< how long a committed use may be repeated
    bool is_metered = false;
  };
  /// A challenge that was issued, and perhaps paid.
  struct Ticket {
    std::size_t gate = 0;
    std::string token;
    std::uint64_t uses = 1;  ///< sold with it
    std::string payment_hash;
    std::string bolt11;
    std::uint64_t amount_msat = 0;
    bool buys = false;
    std::string preimage{};                                    ///< that a sandbox gave its payer
    std::map<std::string, std::set<std::string>> redemptions;  ///< that authorized a request, with the paths of those requests
    std::set<std::string> committed;                           ///< whose commit was confirmed to the host
    std::size_t refusals = 0;                                  ///< although it was paid: all uses are committed
    std::uint64_t charged_msat = 0;                            ///< metered: the prices that were confirmed to the host
  };
  /// A credential in transit, and the state when it was sent.
  struct Visit {
    std::size_t ticket = 0;
    bool paid = false;
    std::set<std::string> committed;
    UnixMillis at;  ///< on the host's clock
    std::string method;
    std::string path;
  };
  /// A response of the service, and whether it takes the use.
  struct Served {
    std::uint16_t status = 0;
    std::string location;
    bool commits = false;
    std::string price{};
  };
  using OnOutcome = std::function<void(const Outcome&)>;

  void ask(std::size_t gate, const std::string& authorization, const Visit& visit, OnOutcome on_outcome);
  [[nodiscard]] Visit visit_to(std::size_t ticket);
  [[nodiscard]] Served response_to(const Visit& visit);
  [[nodiscard]] std::size_t pick_ticket();
  void change(std::size_t gate);
  void pay_some_time(std::size_t ticket);
  void pay_in_sandbox(std::size_t ticket);
  void on_offer(std::size_t gate, const Outcome& outcome);
  void on_response(const Visit& visit, const Outcome& outcome);
  void passed(const Visit& visit, const Passage& passage);
  void serve(const Visit& visit, const std::string& pass, std::uint64_t price_max);
  void on_recorded(std::size_t ticket, const std::string& pass, const Served& served, std::uint64_t price_max,
                   const std::vector<Header>& lines);
  [[nodiscard]] std::uint64_t committed_in_rows(const Ticket& ticket) const;
  [[nodiscard]] std::uint64_t spent_in_rows(const Ticket& ticket) const;
  /// Whether all that was paid for is committed.
  [[nodiscard]] bool is_used_up(const Ticket& ticket) const;
  /// What its payer got; empty: it is not paid, or no response came.
  [[nodiscard]] std::string preimage_of(const Ticket& ticket) const;
  [[nodiscard]] bool is_paid(const Ticket& ticket) const { return !preimage_of(ticket).empty(); }

  Scene& scene_;
  Host& host_;
  LndModel& lnd_;
  const Clients& clients_;
  const Oracle& oracle_;
  std::vector<Gate> gates_;
  std::vector<Ticket> tickets_;
  std::vector<std::size_t> buyers_;  ///< tickets of visitors who pay
  bool works_ = false;               ///< the service responds at once, without errors
};

}  // namespace lntpay::sim
