// Visitors at gates, and the edge host between them and the service: it asks the engine whether a request may pass, hands it to a
// service that answers late or badly, and says what became of it. I15: a payment is redeemed at most as often as was paid for, and
// nobody who paid is refused what they did not get.
#pragma once
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "tests/sim/clients.hpp"

namespace lntpay::sim {

class Visitors {
 public:
  Visitors(Scene& scene, Host& host, LndModel& lnd, const Clients& clients)
      : scene_(scene), host_(host), lnd_(lnd), clients_(clients) {}

  /// A gate for each live shop. Nothing goes wrong meanwhile.
  void open_gates();
  [[nodiscard]] bool there() const { return !gates_.empty(); }
  /// One drawn action.
  void act();
  /// In a quiet world every use that was paid for and not served can be had, and not one more.
  void check_quiet(const std::function<void(Millis)>& pass);

 private:
  struct Gate {
    std::string id;
    std::string tenant;
    std::string shop_token;
  };
  /// A challenge that somebody was given; perhaps paid.
  struct Ticket {
    std::size_t gate = 0;
    std::string token;
    std::uint64_t uses = 1;  ///< that were sold with it
    std::string payment_hash;
    std::uint64_t amount_msat = 0;
    std::set<std::string> redemptions;  ///< that let a request pass
    std::set<std::string> committed;    ///< whose commit the host was told of
  };
  /// A credential on its way, and what was so when it was sent.
  struct Visit {
    std::size_t ticket = 0;
    bool paid = false;
    std::set<std::string> committed;
    UnixMillis at;  ///< on the host's clock
  };
  using OnOutcome = std::function<void(const Outcome&)>;

  void ask(std::size_t gate, const std::string& authorization, OnOutcome on_outcome);
  void come(std::size_t gate);
  void change(std::size_t gate);
  void pay(const Ticket& ticket);
  void present(std::size_t ticket);
  void heard(const Visit& visit, const Outcome& outcome);
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
  bool works_ = false;  ///< the service answers at once, and well
};

}  // namespace lntpay::sim
