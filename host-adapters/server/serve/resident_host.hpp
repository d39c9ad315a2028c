// The resident host: store, engine, worker, outbound HTTP and listeners, from start to drained shutdown.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "host-adapters/server/engine/worker.hpp"
#include "host-adapters/server/gates/gates_loader.hpp"
#include "host-adapters/server/gates/gates_server.hpp"
#include "host-adapters/server/http/http_server.hpp"
#include "host-adapters/server/node/node_stream.hpp"
#include "host-adapters/server/ops/log.hpp"
#include "host-adapters/server/ops/metrics.hpp"
#include "host-adapters/server/ops/server_config.hpp"
#include "host-adapters/server/outbound/fetcher.hpp"
#include "host-adapters/server/proxy/gate_proxy.hpp"

namespace lntpay::host {

/// Shuts down in order: refuses new connections, finishes running requests, answers long polls, makes the worker's last batch
/// durable, and closes the store.
class ResidentHost {
 public:
  explicit ResidentHost(ServeOptions options, WrapInstance wrap = {});
  ~ResidentHost();
  ResidentHost(const ResidentHost&) = delete;
  ResidentHost& operator=(const ResidentHost&) = delete;

  /// Starts everything and binds the listening sockets. The error is a message for the operator.
  std::expected<void, std::string> start();
  /// Loads the file of `--gates`, if there is one, and serves it from now on. `api_key`: where it names none. The error is for the
  /// operator.
  std::expected<void, std::string> open_gates(const std::string& api_key);
  /// Accepts connections from now on.
  void listen();
  /// Serves until SIGINT or SIGTERM, then drains. A second signal ends the process at once.
  void run();

  /// Performs a request in process, for setup before `listen`. Blocks.
  Response request(Request asked);

  [[nodiscard]] const std::string& base_url() const { return base_url_; }
  [[nodiscard]] const HostSecrets& secrets() const { return secrets_; }
  [[nodiscard]] const ServeOptions& options() const { return options_; }
  /// Whether the store had no workspace before this start.
  [[nodiscard]] bool store_is_new() const { return store_is_new_; }

 private:
  std::expected<std::unique_ptr<Store>, std::string> open_store();
  std::expected<void, std::string> bind_proxy();
  std::expected<void, std::string> start_worker(std::unique_ptr<Store> store, MakeInstance make_instance, Upstreams upstreams);
  std::expected<MakeInstance, std::string> make_engine(const std::string& config);
  void drain();
  void end_when_idle();

  ServeOptions options_;
  WrapInstance wrap_;
  TrustedProxies trusted_proxies_;
  StaticFiles files_;  ///< until `listen`
  HostSecrets secrets_;
  std::string base_url_;
  bool store_is_new_ = true;
  Log log_;
  Metrics metrics_;
  boost::asio::io_context io_;
  std::optional<boost::asio::ip::tcp::acceptor> bound_;        ///< until `listen`
  std::optional<boost::asio::ip::tcp::acceptor> proxy_bound_;  ///< until `listen`
  Engine pure_;                                                ///< for `place`, on the HTTP thread
  Engine egress_;                                              ///< for `may_connect`, on the fetcher's threads
  std::unique_ptr<Fetcher> fetcher_;                           ///< of webhooks, whose names are resolved by DNS
  std::unique_ptr<Fetcher> node_fetcher_;  ///< of the node, by the system's resolver: webhooks use up no part of it
  std::unique_ptr<Fetching> outbound_;     ///< either, by upstream
  std::unique_ptr<Worker> worker_;
  std::unique_ptr<NodeStream> node_stream_;  ///< null without a node
  std::unique_ptr<HttpServer> http_;
  std::unique_ptr<GateProxy> proxy_;          ///< null without a gate proxy
  std::unique_ptr<Resolver> upstream_names_;  ///< of services in a file of gates
  std::unique_ptr<GatesServer> gates_;        ///< null without a file of gates
  std::unique_ptr<GatesLoader> gates_loader_;
  boost::asio::signal_set signals_;
  boost::asio::steady_timer draining_;
  std::chrono::steady_clock::time_point drained_by_;
};

}  // namespace lntpay::host
