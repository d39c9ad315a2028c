// `lntpay node-proxy`: a node for hosts that can neither pin its certificate nor keep its macaroon (docs/lnd.md, "node-proxy").
//
// A client with the token for receiving, or that for paying, may make only the calls that LNTPay makes there. The proxy pins the
// node, adds the macaroon, and relays the node's response.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <unordered_set>
#include <utility>

#include "host-adapters/server/http/listener.hpp"
#include "host-adapters/server/ops/log.hpp"
#include "host-adapters/server/outbound/fetcher.hpp"
#include "host-adapters/server/proxy/node_relay.hpp"
#include "host-adapters/server/proxy/node_tokens.hpp"

namespace lntpay::host {

struct NodeProxyOptions {
  std::size_t connections_max = 1'024;
  HttpLimits limits{.head_bytes_max = 8 * 1024, .body_bytes_max = 64 * 1024};
  std::chrono::seconds request_time_max{15};
  std::chrono::seconds keep_alive_max{75};
  std::chrono::seconds connect_time_max{10};
  NodeRelayOptions relay{};
};

/// Lives on the thread that runs `io`.
class NodeProxy final : private ConnectionHandler {
 public:
  using Tcp = boost::asio::ip::tcp;

  NodeProxy(boost::asio::io_context& io, Passing& node, NodeProxyTokens tokens, const Log& log, NodeProxyOptions options = {});

  void listen(Tcp::acceptor bound) { listener_.listen(std::move(bound)); }
  /// Accepts no connection from now on, closes idle ones and streams of invoices; other responses are completed if the host waits
  /// for them.
  void drain();
  [[nodiscard]] std::size_t connections() const { return listener_.connections(); }

 private:
  struct Call;

  boost::asio::awaitable<void> serve(Connection& client) override;
  boost::asio::awaitable<void> turn_away(Connection& client) override;
  /// False: the client is gone. A request that cannot be served has a `refusal`.
  boost::asio::awaitable<bool> read(Connection& client, Call& call, std::chrono::seconds time_max);
  /// These return whether the connection can take another request.
  boost::asio::awaitable<bool> handle(Connection& client, Call& call);
  boost::asio::awaitable<bool> forward(Connection& client, Outgoing request);

  boost::asio::io_context& io_;
  Passing& node_;
  const NodeProxyTokens tokens_;
  const Log& log_;
  NodeProxyOptions options_;
  std::unordered_set<NodeRelay*> relays_;
  Listener listener_;
};

}  // namespace lntpay::host
