// `lntpay node-proxy`: a node for hosts that can neither pin its certificate nor keep its macaroon (docs/lnd.md, "node-proxy").
//
// Whoever shows the token for receiving, or that for paying, may make just the calls that LNTPay makes there. The proxy pins the
// node, adds the macaroon, and hands the node's answer on as it comes: status, content type, Date, body. An answer that breaks off
// breaks off for the client too, so that nobody takes a part for the whole.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <chrono>
#include <cstddef>
#include <expected>
#include <filesystem>
#include <map>
#include <string>
#include <unordered_set>

#include "host-adapters/server/ops/log.hpp"
#include "host-adapters/server/outbound/fetcher.hpp"

namespace lntpay::host {

/// Who may call: the token, by the upstream that it opens ("lnd-receive", "lnd-pay").
using NodeProxyTokens = std::map<std::string, std::string, std::less<>>;

/// Reads `dir`/receive.token and, where the node may be paid from, `dir`/pay.token, or makes them, mode 0600. One that is deleted
/// is made anew. The error is for the operator.
std::expected<NodeProxyTokens, std::string> node_proxy_tokens(const std::filesystem::path& dir, const Upstreams& upstreams);
std::filesystem::path token_file(const std::filesystem::path& dir, std::string_view upstream);

struct NodeProxyOptions {
  std::size_t connections_max = 1'024;
  std::uint32_t head_bytes_max = 8 * 1024;
  std::uint64_t body_bytes_max = 64 * 1024;
  /// Of an answer that came and that its client has not read yet: a client that reads more slowly loses it.
  std::size_t unread_bytes_max = 8 * 1024 * 1024;
  std::chrono::seconds request_time_max{15};
  std::chrono::seconds keep_alive_max{75};
  std::chrono::seconds write_time_max{30};
  std::chrono::seconds connect_time_max{10};
};

/// Lives on the thread that runs `io`.
class NodeProxy {
 public:
  using Tcp = boost::asio::ip::tcp;
  using Stream = boost::beast::tcp_stream;

  NodeProxy(boost::asio::io_context& io, Passing& node, NodeProxyTokens tokens, const Log& log, NodeProxyOptions options = {});

  void listen(Tcp::acceptor bound);
  /// No connection is accepted from now on, and every stream of invoices and idle connection ends; other answers on their way come
  /// to their end, if the host waits for it.
  void drain();
  [[nodiscard]] std::size_t connections() const { return connections_; }

 private:
  struct Passage;
  struct Call;

  void admit(Tcp::socket socket);
  boost::asio::awaitable<void> serve(Tcp::socket socket);
  boost::asio::awaitable<void> turn_away(Tcp::socket socket);
  boost::asio::awaitable<bool> answer(Stream& client, Call& call);
  boost::asio::awaitable<bool> pass(Stream& client, Call& call);
  void watch(Stream& client, const std::shared_ptr<Passage>& passage);
  [[nodiscard]] std::string role_of(std::string_view authorization) const;

  boost::asio::io_context& io_;
  Passing& node_;
  const NodeProxyTokens tokens_;
  const Log& log_;
  NodeProxyOptions options_;
  Tcp::acceptor acceptor_;
  std::size_t connections_ = 0;
  std::size_t refusing_ = 0;
  std::unordered_set<Stream*> idle_;  ///< between two requests
  std::unordered_set<Passage*> passages_;
  bool draining_ = false;
};

}  // namespace lntpay::host
