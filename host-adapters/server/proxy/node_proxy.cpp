// One coroutine for each client: a request, the token, the table of methods, the node's response, and again.
#include "host-adapters/server/proxy/node_proxy.hpp"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "host-adapters/server/http/asio.hpp"
#include "host-adapters/server/http/http_response.hpp"
#include "host-adapters/server/http/parse_head.hpp"
#include "host-adapters/server/node/node_methods.hpp"
#include "host-adapters/server/proxy/lnd_refusal.hpp"

namespace lntpay::host {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr std::chrono::seconds refusal_time_max{2};

/// The client has left or is silent; any other error is of a message that cannot be parsed.
bool is_gone(const boost::system::error_code& error) {
  const bool of_the_connection = error.category() != make_error_code(http::error::end_of_stream).category();
  return error && (of_the_connection || error == http::error::end_of_stream || error == http::error::partial_message);
}

Response unreadable(const boost::system::error_code& error) {
  const bool too_large = error == http::error::body_limit || error == http::error::header_limit;
  return lnd_refusal(too_large ? 413 : 400, GrpcCode::invalid_argument, error.message());
}

Response unreadable(Refusal why) {
  switch (why) {
    case Refusal::body_too_large: return unreadable(make_error_code(http::error::body_limit));
    case Refusal::headers_too_large:
    case Refusal::target_too_long: return unreadable(make_error_code(http::error::header_limit));
    default: return lnd_refusal(400, GrpcCode::invalid_argument, "node-proxy: the request is not well-formed HTTP/1.1");
  }
}

}  // namespace

struct NodeProxy::Call {
  http::request_parser<http::string_body> parser{};
  std::optional<Response> refusal{};
};

NodeProxy::NodeProxy(asio::io_context& io, Passing& node, NodeProxyTokens tokens, const Log& log, NodeProxyOptions options)
    : io_(io),
      node_(node),
      tokens_(std::move(tokens)),
      log_(log),
      options_(options),
      listener_(io, *this, log,
                {.connections_max = options.connections_max,
                 .drains_up_to = Connection::Phase::body,
                 .connection = {.received_bytes_max = options.limits.head_bytes_max + options.limits.body_bytes_max,
                                .when_late = WhenLate::close}}) {}

void NodeProxy::drain() {
  listener_.drain();
  for (auto* relay : relays_) relay->drain();
}

/// Reads the request first, so that the client reads the response.
asio::awaitable<void> NodeProxy::turn_away(Connection& client) {
  Call call;
  if (!co_await read(client, call, refusal_time_max) || call.refusal) co_return;
  const auto full = lnd_refusal(503, GrpcCode::unavailable, "node-proxy: nothing was sent: there are too many connections");
  co_await client.write(http_bytes(full, {.close = true}), refusal_time_max);
}

asio::awaitable<void> NodeProxy::serve(Connection& client) {
  for (bool goes_on = true; goes_on && !client.draining();) {
    Call call;
    const bool pipelined = client.received().size() > 0;
    if (!co_await read(client, call, pipelined ? options_.request_time_max : options_.keep_alive_max)) co_return;
    if (call.refusal) {
      const bool written = co_await client.write(http_bytes(*call.refusal, {.close = true}), options_.relay.write_time_max);
      if (written) co_await client.linger();
      co_return;
    }
    goes_on = co_await handle(client, call);
  }
}

asio::awaitable<bool> NodeProxy::read(Connection& client, Call& call, std::chrono::seconds time_max) {
  auto& parser = call.parser;
  const auto size = co_await client.read_head(options_.limits, {.idle = time_max, .head = std::nullopt});
  if (!size) {
    if (const auto* why = std::get_if<Refusal>(&size.error())) call.refusal = unreadable(*why);
    co_return call.refusal.has_value();
  }
  parser.body_limit(options_.limits.body_bytes_max);
  if (const auto why = parse_head(client, *size, parser, parser.get(), ContentCoding::passed)) {
    call.refusal = unreadable(*why);
  } else if (!parser.is_done()) {
    const auto [error, read] = co_await http::async_read(client.socket(), client.received(), parser, as_result);
    if (is_gone(error)) co_return false;
    if (error) call.refusal = unreadable(error);
  }
  client.end_request();
  co_return true;
}

asio::awaitable<bool> NodeProxy::handle(Connection& client, Call& call) {
  auto& message = call.parser.get();
  const bool keeps = message.keep_alive() && message.version() == http_1_1;
  const auto refuse = [&](std::uint16_t status, GrpcCode code, const char* why) {
    return client.write(http_bytes(lnd_refusal(status, code, why), {.close = !keeps}), options_.relay.write_time_max);
  };
  if (message.version() != http_1_1) {
    co_await refuse(505, GrpcCode::invalid_argument, "node-proxy: HTTP/1.1 only");
    co_return false;
  }
  const auto upstream = upstream_of(tokens_, text_of(message[http::field::authorization]));
  const auto method = text_of(message.method_string());
  const auto target = text_of(message.target());
  const auto path = std::string(target.substr(0, target.find('?')));
  // Both messages begin like lnd's own refusal, which the client knows to start nothing.
  if (upstream.empty()) {
    log_.warn("node_proxy_refused", {{"reason", "token"}, {"path", path}});
    co_return co_await refuse(401, GrpcCode::unauthenticated, "permission denied: the node-proxy does not know this token") &&
        keeps;
  }
  if (find_node_method(upstream, method, target) == nullptr) {
    log_.warn("node_proxy_refused", {{"reason", "method"}, {"upstream", upstream}, {"path", path}});
    co_return co_await refuse(403, GrpcCode::permission_denied,
                              "permission denied: the node-proxy lets no such call through for this token") &&
        keeps;
  }
  Outgoing request{
      .upstream = upstream,
      .method = std::string(method),
      .target = std::string(target),
      .headers = {},
      .body = std::move(message.body()),
      .timeout_ms = static_cast<std::uint32_t>(std::chrono::milliseconds(options_.connect_time_max).count()),
  };
  if (!request.body.empty()) request.headers.push_back({"content-type", "application/json"});
  request.once = request.method == "POST";
  co_return co_await forward(client, std::move(request)) && keeps;
}

asio::awaitable<bool> NodeProxy::forward(Connection& client, Outgoing request) {
  const auto relay = std::make_shared<NodeRelay>(io_, client, request.target, options_.relay);
  const auto name = request.method + " " + request.target.substr(0, request.target.find('?'));
  relays_.insert(relay.get());
  const bool whole = co_await relay->run(node_, std::move(request));
  relays_.erase(relay.get());
  log_.info("node_proxy", {{"call", name}, {"status", relay->status()}, {"whole", whole}});
  co_return whole;
}

}  // namespace lntpay::host
