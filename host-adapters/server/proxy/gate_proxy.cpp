// One coroutine for each client: request, gate, service, response, and again.
#include "host-adapters/server/proxy/gate_proxy.hpp"

#include <boost/asio/ip/address.hpp>
#include <utility>

#include "host-adapters/server/http/asio.hpp"
#include "host-adapters/server/http/http_response.hpp"
#include "host-adapters/server/ops/server_config.hpp"
#include "host-adapters/server/proxy/problem_response.hpp"
#include "host-adapters/server/proxy/proxy_fields.hpp"
#include "host-adapters/server/proxy/upstream_exchange.hpp"

namespace lntpay::host {
namespace {

namespace asio = boost::asio;

constexpr std::size_t received_beyond_head_max = 64 * 1024;
constexpr std::chrono::seconds turn_away_time_max{2};

ProtectedResponse protected_response(const boost::beast::http::response_header<>& head) {
  std::string price;
  const auto [first, last] = head.equal_range("lntpay-price");
  for (auto line = first; line != last; ++line) price.append(price.empty() ? "" : ", ").append(text_of(line->value()));
  return {.redemption = {},
          .status = static_cast<std::uint16_t>(head.result_int()),
          .location = std::string(text_of(head[boost::beast::http::field::location])),
          .price = std::move(price)};
}

/// The response where the service's cannot be relayed. `is_paid`: the request passed by a payment.
Response failure(UpstreamResult result, UpstreamExchange::Body body, bool is_paid) {
  const auto problem_with = [is_paid](std::uint16_t status, std::string_view title, std::string happened, std::string_view paid) {
    if (is_paid) happened.append(" ").append(paid);
    return problem(status, title, happened.append(" Send the request again."));
  };
  if (body == UpstreamExchange::Body::failed)
    return problem_with(400, "Bad Request", "The request body was incomplete.", "No use was taken.");
  if (body == UpstreamExchange::Body::late)
    return problem_with(408, "Request Timeout", "The request body did not arrive in time.", "No use was taken.");
  if (result == UpstreamResult::late)
    return problem_with(504, "Gateway Timeout", "The service did not respond in time.", "The use was released.");
  if (result == UpstreamResult::response)
    return problem(503, "Service Unavailable", "The use could not be recorded. Send the request again with the same credential.");
  return problem_with(502, "Bad Gateway", "The service did not respond.", "The payment remains valid.");
}

}  // namespace

GateProxy::GateProxy(asio::io_context& io, GatePolicy::Submit submit, const Log& log, GateProxyOptions options)
    : io_(io),
      log_(log),
      options_(std::move(options)),
      policy_(io, std::move(submit), options_.gate),
      pool_(io, {.host = options_.service_host,
                 .port = options_.service_port,
                 .idle_max = options_.idle_services_max,
                 .connect_time_max = options_.connect_time_max,
                 .names = options_.names}),
      listener_(io, *this, log,
                {.connections_max = options_.connections_max,
                 .connections_per_address_max = options_.connections_per_address_max,
                 .drains_up_to = Connection::Phase::head,
                 .connection = {.received_bytes_max = options_.limits.head_bytes_max + received_beyond_head_max,
                                .when_late = WhenLate::cancel}}) {}

void GateProxy::drain() {
  listener_.drain();
  pool_.close_idle();
}

asio::awaitable<void> GateProxy::turn_away(Connection& client) {
  auto full = problem(503, "Service Unavailable", "Too many connections. Try again in a moment.");
  full.headers.push_back({"retry-after", "1"});
  if (co_await client.write(http_bytes(full, {.close = true}), turn_away_time_max)) co_await client.linger();
}

asio::awaitable<void> GateProxy::serve(Connection& client) {
  for (bool goes_on = true; goes_on && !client.draining();) {
    DownstreamRequest downstream(client, options_);
    if (!co_await downstream.read_head()) break;
    goes_on = co_await handle(downstream);
  }
  co_await client.linger();
}

asio::awaitable<bool> GateProxy::handle(DownstreamRequest& downstream, const Passage* granted) {
  if (downstream.refused()) {
    downstream.end_connection();
    co_return co_await downstream.respond(co_await policy_.refuse(*downstream.refused()));
  }
  if (downstream.is_upgrade()) {
    downstream.end_connection();
    co_return co_await downstream.respond(
        problem(501, "Not Implemented", "This proxy does not support WebSocket or other upgrades."));
  }
  const auto deadline = std::chrono::steady_clock::now() + options_.answer_time_max;
  if (granted != nullptr) co_return co_await forward(downstream, without_credential(*granted, downstream.request()), deadline);
  auto decision = co_await policy_.decide(downstream.request(), downstream.body_size());
  if (decision.response) co_return co_await downstream.respond(*decision.response);
  co_return co_await forward(downstream, *decision.passage, deadline);
}

asio::awaitable<std::optional<bool>> GateProxy::handle_sold(DownstreamRequest& downstream, SoldWhile sold) {
  constexpr std::uint16_t being_served = 409;
  constexpr std::uint16_t unavailable = 503;
  const auto deadline = std::chrono::steady_clock::now() + options_.answer_time_max;
  auto decision = co_await policy_.decide(downstream.request(), downstream.body_size(), sold);
  if (decision.passage) co_return co_await forward(downstream, *decision.passage, deadline);
  const auto& refusal = *decision.response;
  if (refusal.status == being_served || refusal.status == unavailable) co_return co_await downstream.respond(refusal);
  co_return std::nullopt;
}

asio::awaitable<bool> GateProxy::forward(DownstreamRequest& downstream, const Passage& passage,
                                         std::chrono::steady_clock::time_point deadline) {
  UpstreamExchange upstream(io_, pool_, downstream, options_.piece_time_max);
  const auto result = co_await upstream.forward(downstream.pass(passage), deadline);
  const bool responded = result == UpstreamResult::response;
  auto answered = responded ? protected_response(upstream.response().get()) : ProtectedResponse{};
  const bool delivers = answered.status >= 200 && answered.status < 400;
  answered.redemption = passage.redemption;
  auto lines = co_await policy_.redeem(std::move(answered));  // before the response's first byte
  if (responded && (lines || !delivers)) {
    if (!lines) lines.emplace();
    set_lines(*lines, passage.respond);
    const bool goes_on = co_await downstream.relay_response(upstream.connection(), upstream.response(), *lines, passage.cors);
    co_await upstream.end_upload();
    if (goes_on && upstream.is_reusable() && !listener_.draining()) pool_.keep(upstream.take_connection());
    co_return goes_on;
  }
  const auto body = upstream.body();
  co_await upstream.end_upload();
  log_.warn("service_failed", {{"service", options_.service},
                               {"host", options_.service_host},
                               {"port", options_.service_port},
                               {"gate", options_.gate},
                               {"request_id", downstream.id()},
                               {"reached", upstream.reached()},
                               {"late", result == UpstreamResult::late},
                               {"recorded", lines.has_value()}});
  const bool is_paid = !passage.redemption.empty() || !passage.respond.empty();
  auto response = failure(result, body, is_paid);
  add_cors(response.headers, passage.cors);
  co_return co_await downstream.respond(response);
}

std::expected<std::pair<std::string, std::uint16_t>, std::string> parse_service(const std::string& url) {
  constexpr std::string_view scheme = "http://";
  const auto invalid = [&] { return std::unexpected(url + " is not http://ADDRESS:PORT with a numeric address"); };
  if (!url.starts_with(scheme)) return invalid();
  const auto address = parse_listen(url.substr(scheme.size()));
  if (!address) return invalid();
  boost::system::error_code error;
  asio::ip::make_address(address->host, error);
  if (error) return invalid();
  return std::pair(address->host, address->port);
}

}  // namespace lntpay::host
