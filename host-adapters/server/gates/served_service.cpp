// Upstreams take turns; each is checked by a coroutine that ends after its service.
#include "host-adapters/server/gates/served_service.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <utility>

#include "host-adapters/server/http/asio.hpp"

namespace lntpay::host {
namespace {

namespace asio = boost::asio;

/// Each gate keeps connections of its own to an upstream.
constexpr std::size_t idle_per_gate_max = 64;

}  // namespace

std::string gate_of(const Price& price, const GateIds& ids) {
  if (!price.gate.empty() || price.is_free()) return price.gate;
  return ids.at(price.kept_gate["name"].get<std::string>());
}

struct ServedService::Upstream {
  UpstreamAddress address;
  std::map<std::string, std::unique_ptr<GateProxy>> by_gate{};
  std::shared_ptr<Checking> checking{};  ///< null: it counts as healthy
};

/// Shared with the coroutine, which may outlive the service by one check.
struct ServedService::Checking {
  Checking(const ServedBy& its, std::string its_service) : by(its), pause(its.io), service(std::move(its_service)) {}
  ServedBy by;
  UpstreamHealth health;
  asio::steady_timer pause;
  std::string service;
  bool ended = false;
};

ServedService::ServedService(ServedBy by, Service service, const GateIds& ids, const ServedService* former)
    : by_(std::move(by)), service_(std::move(service)) {
  std::vector<RequestMatch> entries;
  for (const auto& price : service_.prices) {
    entries.push_back(price.match);
    gates_.push_back(gate_of(price, ids));
  }
  prices_ = PriceList(std::move(entries));
  for (const auto& address : service_.upstreams) {
    auto& upstream = *upstreams_.emplace_back(std::make_unique<Upstream>(address));
    if (!service_.health_check) continue;
    upstream.checking = checks_.emplace_back(std::make_shared<Checking>(by_, service_.name));
    if (former != nullptr) upstream.checking->health = former->health_of(address);
    asio::co_spawn(by_.io, check(upstream.checking, address, *service_.health_check), asio::detached);
  }
}

ServedService::~ServedService() {
  for (const auto& each : checks_) {
    each->ended = true;
    each->pause.cancel();
  }
}

UpstreamHealth ServedService::health_of(const UpstreamAddress& address) const {
  for (std::size_t i = 0; i < checks_.size(); ++i)  // there is one for each upstream, or none at all
    if (service_.upstreams[i] == address) return checks_[i]->health;
  return {};
}

ServedService::Upstream* ServedService::next_upstream() {
  for (std::size_t i = 0; i < upstreams_.size(); ++i) {
    auto& upstream = *upstreams_[turn_++ % upstreams_.size()];
    if (!upstream.checking || upstream.checking->health.healthy()) return &upstream;
  }
  return nullptr;
}

GateProxy& ServedService::at_gate(Upstream& upstream, const std::string& gate) {
  auto& proxy = upstream.by_gate[gate];
  if (!proxy) {
    proxy = std::make_unique<GateProxy>(by_.io, by_.submit, by_.log,
                                        GateProxyOptions{.gate = gate,
                                                         .service = service_.name,
                                                         .service_host = upstream.address.host,
                                                         .service_port = upstream.address.port,
                                                         .names = &by_.names,
                                                         .idle_services_max = idle_per_gate_max});
  }
  return *proxy;
}

asio::awaitable<void> ServedService::check(std::shared_ptr<Checking> checking, UpstreamAddress address, HealthCheck how) {
  while (!checking->ended) {
    const bool passed = co_await passes_check(checking->by.io, address, how, checking->by.names);
    if (checking->ended) co_return;
    if (checking->health.observe(passed, how)) {
      const auto* event = passed ? "upstream_healthy" : "upstream_unhealthy";
      checking->by.log.write(passed ? LogLevel::info : LogLevel::warn, event,
                             {{"service", checking->service}, {"host", address.host}, {"port", address.port}});
    }
    checking->pause.expires_after(how.interval);
    co_await checking->pause.async_wait(as_result);
  }
}

}  // namespace lntpay::host
