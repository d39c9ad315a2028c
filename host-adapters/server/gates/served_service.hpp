// A service of the file at work: its price list, and a proxy to each of its upstreams for each of its gates.
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

/// Lives on the thread that runs `io`.
class ServedService {
 public:
  /// `former`: the service of this name in the former table, from which the health of upstreams is taken over; null: there is none.
  ServedService(boost::asio::io_context& io, GatePolicy::Submit submit, const Log& log, Service service, const GateIds& ids,
                const ServedService* former);
  ~ServedService();
  ServedService(const ServedService&) = delete;
  ServedService& operator=(const ServedService&) = delete;

  [[nodiscard]] const Service& service() const { return service_; }
  [[nodiscard]] const PriceList& prices() const { return prices_; }

  /// The next healthy upstream, in turn; null: there is none.
  struct Upstream;
  Upstream* next_upstream();
  /// The proxy to that upstream with the gate of an entry of the price list, or without one.
  static GateProxy& priced(Upstream& upstream, std::size_t price);
  static GateProxy& open(Upstream& upstream);

 private:
  struct Checking;
  [[nodiscard]] UpstreamHealth health_of(const UpstreamAddress& address) const;
  static boost::asio::awaitable<void> check(boost::asio::io_context& io, std::shared_ptr<Checking> checking,
                                            UpstreamAddress address, HealthCheck how);

  const Log& log_;
  Service service_;
  PriceList prices_;
  std::vector<std::unique_ptr<Upstream>> upstreams_;
  std::vector<std::shared_ptr<Checking>> checks_;
  std::size_t turn_ = 0;
};

}  // namespace lntpay::host
