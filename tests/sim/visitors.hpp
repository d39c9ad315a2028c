// Visitors at gates, and the edge host in front of the service: it authorizes a request with the engine, forwards it to a
// service that is slow or faulty, and reports the response. I15: a payment is redeemed at most as often as it was paid for, and
// a payer who was not served is never rejected. Some gates let the request of a committed use repeat it for a while.
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
  Visitors(Scene& scene, Host& host, LndModel& lnd, const Clients& clients)
      : scene_(scene), host_(host), lnd_(lnd), clients_(clients) {}

  /// Creates a gate for each live shop, without faults.
  void open_gates();
  [[nodiscard]] bool is_open() const { return !gates_.empty(); }
  /// One random action.
  void act();
  /// In a quiet world every paid and unserved use can be redeemed, and no more.
  void check_quiet(const std::function<void(Millis)>& pass);

 private:
  struct Gate {
    std::string id;
    std::string tenant;
    std::string shop_token;
    Millis repeat;  ///< how long a committed use may be repeated
  };
  /// A challenge that was issued, and perhaps paid.
  struct Ticket {
    std::size_t gate = 0;
    std::string token;
    std::uint64_t uses = 1;  ///< sold with it
    std::string payment_hash;
    std::uint64_t amount_msat = 0;
    std::map<std::string, std::set<std::string>> redemptions;  ///< that authorized a request, with the paths of those requests
    std::set<std::string> committed;                           ///< whose commit was confirmed to the host
    std::size_t refusals = 0;                                  ///< although it was paid: all uses are committed
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
  };
  using OnOutcome = std::function<void(const Outcome&)>;

  void ask(std::size_t gate, const std::string& authorization, const Visit& visit, OnOutcome on_outcome);
  [[nodiscard]] Visit visit_to(std::size_t ticket);
  [[nodiscard]] Served response_to(const Visit& visit);
  void come(std::size_t gate);
  void change(std::size_t gate);
  void pay(const Ticket& ticket);
  void present(std::size_t ticket);
  void on_response(const Visit& visit, const Outcome& outcome);
  void passed(const Visit& visit, const std::string& pass);
  void serve(const Visit& visit, const std::string& pass);
  [[nodiscard]] std::uint64_t committed_in_rows(const Ticket& ticket) const;
  [[nodiscard]] bool is_paid(const Ticket& ticket) const { return lnd_.received.contains(ticket.payment_hash); }

  Scene& scene_;
  Host& host_;
  LndModel& lnd_;
  const Clients& clients_;
  std::vector<Gate> gates_;
  std::vector<Ticket> tickets_;
  bool works_ = false;  ///< the service responds at once, without errors
};

}  // namespace lntpay::sim
