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

std::string gate_of(const Price& price, const GateIds& ids) {
  if (!price.gate.empty() || price.is_free()) return price.gate;
  return ids.at(price.kept_gate["name"].get<std::string>());
}

}  // namespace

struct ServedService::Upstream {
  std::map<std::string, std::unique_ptr<GateProxy>> by_gate{};  ///< "": without a gate
  std::vector<GateProxy*> by_price{};
  std::shared_ptr<Checking> checking{};  ///< null: it counts as healthy
};

/// Shared with the coroutine, which may outlive the service by one check.
struct ServedService::Checking {
  Checking(asio::io_context& io, const Log& its_log, std::string its_service)
      : pause(io), log(its_log), service(std::move(its_service)) {}
  UpstreamHealth health;
  asio::steady_timer pause;
  const Log& log;
  std::string service;
  bool ended = false;
};

ServedService::ServedService(asio::io_context& io, GatePolicy::Submit submit, const Log& log, Service service, const GateIds& ids,
                             const ServedService* former)
    : log_(log), service_(std::move(service)) {
  std::vector<RequestMatch> entries;
  for (const auto& price : service_.prices) entries.push_back(price.match);
  prices_ = PriceList(std::move(entries));
  for (const auto& address : service_.upstreams) {
    auto& upstream = *upstreams_.emplace_back(std::make_unique<Upstream>());
    const auto proxy_of = [&](const std::string& gate) {
      auto& proxy = upstream.by_gate[gate];
      if (!proxy) {
        proxy = std::make_unique<GateProxy>(
            io, submit, log_,
            GateProxyOptions{
                .gate = gate, .service_host = address.host, .service_port = address.port, .idle_services_max = idle_per_gate_max});
      }
      return proxy.get();
    };
    proxy_of("");
    for (const auto& price : service_.prices) upstream.by_price.push_back(proxy_of(gate_of(price, ids)));
    if (!service_.health_check) continue;
    upstream.checking = checks_.emplace_back(std::make_shared<Checking>(io, log_, service_.name));
    if (former != nullptr) upstream.checking->health = former->health_of(address);
    asio::co_spawn(io, check(io, upstream.checking, address, *service_.health_check), asio::detached);
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

GateProxy& ServedService::priced(Upstream& upstream, std::size_t price) { return *upstream.by_price[price]; }
GateProxy& ServedService::open(Upstream& upstream) { return *upstream.by_gate.at(""); }

asio::awaitable<void> ServedService::check(asio::io_context& io, std::shared_ptr<Checking> checking, UpstreamAddress address,
                                           HealthCheck how) {
  while (!checking->ended) {
    const bool passed = co_await passes_check(io, address, how);
    if (checking->ended) co_return;
    if (checking->health.observe(passed, how)) {
      const auto* event = passed ? "upstream_healthy" : "upstream_unhealthy";
      checking->log.write(passed ? LogLevel::info : LogLevel::warn, event,
                          {{"service", checking->service}, {"host", address.host}, {"port", address.port}});
    }
    checking->pause.expires_after(how.interval);
    co_await checking->pause.async_wait(as_result);
  }
}

}  // namespace lntpay::host
