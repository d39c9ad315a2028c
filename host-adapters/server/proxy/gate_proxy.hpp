// The built-in reverse proxy: a gate before a service (docs/gates.md, "In lntpay serve").
//
// A request that may pass goes to the service as it came: bodies are streamed both ways, connections to the service are kept and
// used again, fields that belong to one connection stay on it. Before the first byte of the service's answer reaches the client the
// use is committed (2xx, 3xx) or released (everything else, and no answer).
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "host-adapters/server/engine/sessions.hpp"
#include "host-adapters/server/http/http_head.hpp"
#include "host-adapters/server/http/trusted_proxies.hpp"
#include "host-adapters/server/ops/log.hpp"
#include "host-adapters/server/proxy/known_passes.hpp"

namespace lntpay::host {

struct GateProxyOptions {
  std::string gate;          ///< its id; empty: there is none, and everything passes
  std::string service_host;  ///< a numeric address
  std::uint16_t service_port = 0;
  HttpLimits limits{};  ///< of heads; bodies have none
  TrustedProxies trusted_proxies{};
  std::size_t connections_max = 4'096;
  std::size_t connections_per_address_max = 1'024;
  std::size_t idle_services_max = 256;
  std::chrono::seconds head_time_max{10};
  std::chrono::seconds keep_alive_max{60};
  std::chrono::seconds connect_time_max{5};
  /// Until the head of the service's answer: less than a use is reserved for (core/gate/redemption.hpp), or another could be let
  /// in.
  std::chrono::seconds answer_time_max{100};
  std::chrono::seconds piece_time_max{60};  ///< between two pieces of a body
};

/// Lives on the thread that runs `io`; who answers `submit` must be stopped before `io` is destroyed.
class GateProxy {
 public:
  using Tcp = boost::asio::ip::tcp;
  using Stream = boost::beast::tcp_stream;
  using Submit = std::function<void(Input, Answer)>;
  /// What came of asking the service. `closed`: before it said anything.
  enum class Heard : std::uint8_t { answer, closed, nothing, late };

  GateProxy(boost::asio::io_context& io, Submit submit, const Log& log, GateProxyOptions options);

  void listen(Tcp::acceptor bound);
  /// No connection is accepted from now on; idle ones are closed, the others with their next answer.
  void drain();
  [[nodiscard]] std::size_t connections() const { return connections_; }

 private:
  using Clock = std::chrono::steady_clock;
  struct Exchange;
  struct Service;
  using PassHeaders = std::shared_ptr<const std::vector<Header>>;

  void admit(Tcp::socket socket);
  boost::asio::awaitable<void> serve(Tcp::socket socket, std::string address);
  boost::asio::awaitable<void> turn_away(Tcp::socket socket);
  boost::asio::awaitable<bool> read_account(Exchange& exchange);
  boost::asio::awaitable<bool> exchange(Exchange& exchange);
  boost::asio::awaitable<bool> pass_on(Exchange& exchange, PassHeaders pass_headers, std::string pass);
  boost::asio::awaitable<Heard> hear_service(Exchange& exchange, Service& service, const std::string& head);
  boost::asio::awaitable<Heard> hear(Exchange& exchange, Service& service, const std::string& head);
  boost::asio::awaitable<Heard> hear_head(Exchange& exchange, Service& service);
  boost::asio::awaitable<void> end_upload(Exchange& exchange, Service& service);
  boost::asio::awaitable<bool> redeem(const std::string& pass, bool served);
  boost::asio::awaitable<bool> send_back(Exchange& exchange, Service& service, std::string receipt);
  boost::asio::awaitable<bool> answer(Exchange& exchange, Response response);
  [[nodiscard]] std::string head_for_service(Exchange& exchange, const std::vector<Header>& pass_headers) const;
  boost::asio::awaitable<Outcome> ask(Input input);
  boost::asio::awaitable<std::unique_ptr<Stream>> connect();
  std::unique_ptr<Stream> idle_service();
  void keep(Service& service);

  boost::asio::io_context& io_;
  Submit submit_;
  const Log& log_;
  GateProxyOptions options_;
  Tcp::acceptor acceptor_;
  KnownPasses passes_;
  std::vector<std::unique_ptr<Stream>> services_;  ///< connected, and between two requests
  std::unordered_set<Stream*> idle_;               ///< clients between two requests
  std::unordered_map<std::string, std::size_t> per_address_;
  std::size_t connections_ = 0;
  std::size_t refusing_ = 0;
  bool draining_ = false;
};

/// "http://127.0.0.1:9000": the address is numeric, there is no path. The error is for the operator.
std::expected<std::pair<std::string, std::uint16_t>, std::string> parse_service(const std::string& url);

}  // namespace lntpay::host
