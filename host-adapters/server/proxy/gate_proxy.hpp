// The built-in reverse proxy: a gate before a service (docs/gates.md, "In lntpay serve").
//
// A request that passes is forwarded to the service as it came: bodies are streamed both ways, connections to the service are
// reused, fields that belong to one connection stay on it. Before the first byte of the service's response reaches the client the
// use is committed or released (docs/gates.md, "Uses").
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <utility>

#include "host-adapters/server/http/listener.hpp"
#include "host-adapters/server/ops/log.hpp"
#include "host-adapters/server/proxy/downstream_request.hpp"
#include "host-adapters/server/proxy/gate_policy.hpp"
#include "host-adapters/server/proxy/gate_proxy_options.hpp"
#include "host-adapters/server/proxy/upstream_pool.hpp"

namespace lntpay::host {

/// Lives on the thread that runs `io`; the worker that serves `submit` must be stopped before `io` is destroyed.
class GateProxy final : private ConnectionHandler {
 public:
  using Tcp = boost::asio::ip::tcp;

  GateProxy(boost::asio::io_context& io, GatePolicy::Submit submit, const Log& log, GateProxyOptions options);

  void listen(Tcp::acceptor bound) { listener_.listen(std::move(bound)); }
  /// Accepts no connection from now on, closes idle ones, and lets the others end with their next response.
  void drain();
  [[nodiscard]] std::size_t connections() const { return listener_.connections(); }
  /// A request whose head was read, of any listener: gate, service, response. Yields whether the client's connection can take
  /// another. `granted`: it passes so, and the gate is not asked.
  boost::asio::awaitable<bool> handle(DownstreamRequest& downstream, const Passage* granted = nullptr);
  /// The same where another gate has the price of the request today: by a credential that this gate sold in that time. Nullopt:
  /// none passes, and nothing was sent.
  boost::asio::awaitable<std::optional<bool>> handle_sold(DownstreamRequest& downstream, SoldWhile sold);

 private:
  boost::asio::awaitable<void> serve(Connection& client) override;
  boost::asio::awaitable<void> turn_away(Connection& client) override;
  /// Yields whether the client's connection can take another request.
  boost::asio::awaitable<bool> forward(DownstreamRequest& downstream, const Passage& passage,
                                       std::chrono::steady_clock::time_point deadline);

  boost::asio::io_context& io_;
  const Log& log_;
  GateProxyOptions options_;
  GatePolicy policy_;
  UpstreamPool pool_;
  Listener listener_;
};

/// "http://127.0.0.1:9000": the address is numeric, there is no path. The error is for the operator.
std::expected<std::pair<std::string, std::uint16_t>, std::string> parse_service(const std::string& url);

}  // namespace lntpay::host
