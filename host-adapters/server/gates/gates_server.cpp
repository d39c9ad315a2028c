// One coroutine for each client: request, service, decision, proxy, and again.
#include "host-adapters/server/gates/gates_server.hpp"

#include <algorithm>
#include <utility>

#include "edge/http/request.hpp"
#include "host-adapters/server/gates/rules/request_identity.hpp"
#include "host-adapters/server/gates/service_decision.hpp"
#include "host-adapters/server/http/http_response.hpp"
#include "host-adapters/server/proxy/problem_response.hpp"
#include "host-adapters/server/proxy/proxy_fields.hpp"

namespace lntpay::host {
namespace {

namespace asio = boost::asio;

constexpr std::size_t received_beyond_heads_max = 64 * 1024;
constexpr std::chrono::seconds turning_away_max{2};

/// One of a client's free requests, which every client has: a page of any origin reads the response, as it reads one that was paid
/// for.
const Passage granted_to_all{.cors = {{"access-control-allow-origin", "*"}, {"access-control-expose-headers", "*"}}};
/// A request of a client on the allowlist. With the gate's CORS lines, every page that is open there could read what others pay
/// for.
const Passage granted_to_client{};

Response service_unavailable(std::string_view detail, std::uint64_t retry_after_s) {
  auto response = problem(503, "Service Unavailable", detail);
  response.headers.push_back({"retry-after", std::to_string(retry_after_s)});
  return response;
}

}  // namespace

struct GatesServer::Door {
  Door(asio::io_context& io, GatesServer& server, std::size_t connections_max)
      : listener(io, server, server.log_,
                 {.connections_max = connections_max,
                  .connections_per_address_max = server.options_.connections_per_address_max,
                  .drains_up_to = Connection::Phase::head,
                  .connection = {.received_bytes_max = server.options_.limits.head_bytes_max + received_beyond_heads_max,
                                 .when_late = WhenLate::cancel},
                  .tls = [this] { return tls; }}) {}

  std::shared_ptr<TlsContext> tls;  ///< of the next connections; null: without TLS
  Listener listener;
};

GatesServer::GatesServer(asio::io_context& io, GatePolicy::Submit submit, const Log& log, std::size_t connections_max)
    : io_(io), log_(log), connections_max_(connections_max), options_{}, refusals_(io, std::move(submit), "") {}

GatesServer::~GatesServer() = default;

const ServedService* GatesServer::find(const std::string& service) const {
  for (const auto& each : table_->services)
    if (each->service().name == service) return each.get();
  return nullptr;
}

void GatesServer::use(std::shared_ptr<GatesTable> table, std::vector<PreparedListen> listen) {
  table_ = std::move(table);
  std::erase_if(quotas_, [this](const auto& each) { return find(each.first) == nullptr; });
  std::erase_if(warned_, [this](const auto& each) { return find(each.first) == nullptr; });
  std::erase_if(closing_, [](const auto& door) { return door->listener.ended(); });
  std::erase_if(doors_, [&](auto& door) {
    if (std::ranges::contains(listen, door.first, [](const PreparedListen& each) { return each.entry.address; })) return false;
    door.second->listener.drain();
    closing_.push_back(std::move(door.second));  // its coroutines may still run
    return true;
  });
  for (auto& each : listen) {
    auto& door = doors_[each.entry.address];
    const bool is_new = !door;
    if (is_new) door = std::make_unique<Door>(io_, *this, std::max<std::size_t>(connections_max_ / listen.size(), 1));
    door->tls = std::move(each.tls);
    if (is_new) door->listener.listen(std::move(*each.bound));
  }
}

void GatesServer::drain() {
  for (auto& [address, door] : doors_) door->listener.drain();
  table_ = std::make_shared<GatesTable>();  // ends the health checks
}

std::size_t GatesServer::connections() const {
  std::size_t open = 0;
  for (const auto& [address, door] : doors_) open += door->listener.connections();
  for (const auto& door : closing_) open += door->listener.connections();
  return open;
}

asio::awaitable<void> GatesServer::turn_away(Connection& client) {
  const auto full = service_unavailable("Too many connections. Try again in a moment.", 1);
  if (co_await client.write(http_bytes(full, {.close = true}), turning_away_max)) co_await client.linger();
}

asio::awaitable<void> GatesServer::serve(Connection& client) {
  for (bool goes_on = true; goes_on && !client.draining();) {
    DownstreamRequest downstream(client, options_);
    if (!co_await downstream.read_head()) break;
    const auto table = table_;
    goes_on = co_await handle(downstream, *table);
  }
  co_await client.linger();
}

asio::awaitable<bool> GatesServer::handle(DownstreamRequest& downstream, const GatesTable& table) {
  if (downstream.refused()) {
    downstream.end_connection();
    co_return co_await downstream.respond(co_await refusals_.refuse(*downstream.refused()));
  }
  auto& request = downstream.request();
  const auto& client = downstream.client();
  identify_request(request, client.address(), client.is_tls() ? "https" : "http", table.trusted_proxies, moments_.next());
  downstream.identify(value_of(request.headers, "x-request-id"));
  auto* served = table.find(value_of(request.headers, "host"));
  if (served == nullptr)
    co_return co_await downstream.respond(problem(404, "Not Found", "There is no service with this host name."));
  co_return co_await at_service(downstream, table, *served);
}

asio::awaitable<bool> GatesServer::at_service(DownstreamRequest& downstream, const GatesTable& table, ServedService& served) {
  const auto& service = served.service();
  if (service.maintenance)
    co_return co_await downstream.respond(service_unavailable(service.maintenance->message, service.maintenance->retry_after_s));
  auto* upstream = served.next_upstream();
  if (upstream == nullptr) {
    const auto again_s = static_cast<std::uint64_t>(service.health_check->interval.count());
    co_return co_await downstream.respond(
        service_unavailable("The service is not available. No payment was asked for; try again later.", again_s));
  }
  auto& request = downstream.request();
  if (value_of(request.headers, "host").empty()) set_lines(request.headers, {{"host", service.upstreams.front().host}});
  auto& quota = quotas_[service.name];
  const auto decision = decide_at_service(service, served.prices(), request, parse_ip(request.client), quota, unix_now());
  warn_when_full(service, quota);
  switch (decision.kind) {
    case ServiceDecision::Kind::ambiguous:
      co_return co_await downstream.respond(
          problem(400, "Bad Request",
                  "The path has several spellings. Use no empty, `.` or `..` segment and no needless percent-encoding."));
    case ServiceDecision::Kind::not_offered:
      co_return co_await downstream.respond(problem(404, "Not Found", "This service offers nothing for this method and path."));
    case ServiceDecision::Kind::unpriced:
      downstream.keep_cache_control();
      apply_passage(without_credential({}, request), request.headers);  // a credential is for gates, not for the service
      co_return co_await served.at_gate(*upstream, "").handle(downstream);
    case ServiceDecision::Kind::within_free:
      downstream.add_to_response({"lntpay-free-left", std::to_string(decision.free_left)});
      break;
    case ServiceDecision::Kind::allowed:
    case ServiceDecision::Kind::priced: break;
  }
  const auto& gate = served.gate_of_price(decision.price);
  auto& proxy = served.at_gate(*upstream, gate);
  if (decision.kind == ServiceDecision::Kind::within_free) co_return co_await proxy.handle(downstream, &granted_to_all);
  if (decision.kind == ServiceDecision::Kind::allowed) co_return co_await proxy.handle(downstream, &granted_to_client);
  if (const auto goes_on = co_await by_former_gate(downstream, table, served, *upstream, gate)) co_return *goes_on;
  co_return co_await proxy.handle(downstream);
}

asio::awaitable<std::optional<bool>> GatesServer::by_former_gate(DownstreamRequest& downstream, const GatesTable& table,
                                                                 ServedService& served, ServedService::Upstream& upstream,
                                                                 const std::string& present) {
  if (!table.history.has_former() || downstream.is_upgrade()) co_return std::nullopt;
  const auto& request = downstream.request();
  const auto resource = request_match(request.method, split_target(request.target).first);
  if (!resource) co_return std::nullopt;
  const auto host = value_of(request.headers, "host");
  for (const auto& former : table.history.former_gates(host, *resource, request.headers, present)) {
    if (!presents_credential_of(request.headers, former.gate)) continue;
    const auto goes_on = co_await served.at_gate(upstream, former.gate).handle_sold(downstream, former.sold);
    if (goes_on) co_return goes_on;
  }
  co_return std::nullopt;
}

void GatesServer::warn_when_full(const Service& service, const FreeQuota& quota) {
  auto& warned = warned_[service.name];
  if (quota.is_full() && !warned)
    log_.warn("free_quota_full", {{"service", service.name}, {"clients", FreeQuota::clients_default_max}});
  warned = quota.is_full();
}

}  // namespace lntpay::host
