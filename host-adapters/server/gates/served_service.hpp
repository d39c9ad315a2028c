// A service of the file at work: its price list, and a proxy to each of its upstreams for each gate.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "host-adapters/server/gates/file/gates_file.hpp"
#include "host-adapters/server/gates/rules/price_list.hpp"
#include "host-adapters/server/gates/upstream_health.hpp"
#include "host-adapters/server/ops/log.hpp"
#include "host-adapters/server/proxy/gate_proxy.hpp"

namespace lntpay::host {

/// The ids of the gates that the file keeps, by name.
using GateIds = std::map<std::string, std::string>;
/// The id of a price's gate; empty: it has none.
std::string gate_of(const Price& price, const GateIds& ids);

/// What the services of a file share.
struct ServedBy {
  boost::asio::io_context& io;
  GatePolicy::Submit submit;
  const Log& log;
  Resolver& names;
};

/// Lives on the thread that runs its io_context.
class ServedService {
 public:
  /// `former`: the service of this name in the former table, from which the health of upstreams is taken over; null: there is none.
  ServedService(ServedBy by, Service service, const GateIds& ids, const ServedService* former);
  ~ServedService();
  ServedService(const ServedService&) = delete;
  ServedService& operator=(const ServedService&) = delete;

  [[nodiscard]] const Service& service() const { return service_; }
  [[nodiscard]] const PriceList& prices() const { return prices_; }

  /// The next healthy upstream, in turn; null: there is none.
  struct Upstream;
  Upstream* next_upstream();
  /// The proxy to that upstream with this gate; empty: without one.
  GateProxy& at_gate(Upstream& upstream, const std::string& gate);
  /// The gate of an entry of the price list; empty: it has no price.
  [[nodiscard]] const std::string& gate_of_price(std::size_t price) const { return gates_[price]; }

 private:
  struct Checking;
  [[nodiscard]] UpstreamHealth health_of(const UpstreamAddress& address) const;
  static boost::asio::awaitable<void> check(std::shared_ptr<Checking> checking, UpstreamAddress address, HealthCheck how);

  ServedBy by_;
  Service service_;
  PriceList prices_;
  std::vector<std::string> gates_;  ///< of each price
  std::vector<std::unique_ptr<Upstream>> upstreams_;
  std::vector<std::shared_ptr<Checking>> checks_;
  std::size_t turn_ = 0;
};

}  // namespace lntpay::host
