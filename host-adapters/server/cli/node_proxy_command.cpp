// `lntpay node-proxy`: a proxy for lnd, for hosts that can neither pin its certificate nor store its macaroon.
#include "host-adapters/server/proxy/node_proxy.hpp"

#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <cstdio>
#include <memory>

#include "core/lightning/node/node.hpp"
#include "host-adapters/server/cli/node_flags.hpp"
#include "host-adapters/server/cli/output.hpp"
#include "host-adapters/server/http/listener.hpp"

namespace lntpay::host {
namespace {

namespace asio = boost::asio;

struct ProxyOptions {
  std::string listen = "127.0.0.1:8403";
  std::filesystem::path data = "node-proxy";
  std::string log_level = "info";
  ServeOptions node;
};

bool bound_to_loopback(const std::string& host) { return asio::ip::make_address(host).is_loopback(); }

/// Runs until a signal, then drains; a second signal ends the process.
void run(asio::io_context& io, NodeProxy& proxy) {
  // The outcome of an interrupted send is unknown, so a send keeps all the time that its client allows.
  constexpr std::chrono::milliseconds drain_time_max{send_timeout.value + 5'000};
  constexpr std::chrono::milliseconds poll_every{50};
  std::signal(SIGPIPE, SIG_IGN);
  asio::signal_set signals(io, SIGINT, SIGTERM);
  asio::steady_timer draining(io);
  std::function<void()> end_when_idle;
  const auto drained_by = std::make_shared<std::chrono::steady_clock::time_point>();
  end_when_idle = [&, drained_by] {
    if (proxy.connections() == 0 || std::chrono::steady_clock::now() >= *drained_by) return io.stop();
    draining.expires_after(poll_every);
    draining.async_wait([&](const boost::system::error_code& error) {
      if (!error) end_when_idle();
    });
  };
  signals.async_wait([&](const boost::system::error_code& error, int) {
    if (error) return;
    signals.async_wait([](const boost::system::error_code& again, int) {
      if (!again) _exit(130);
    });
    *drained_by = std::chrono::steady_clock::now() + drain_time_max;
    proxy.drain();
    end_when_idle();
  });
  io.run();
}

Exit serve(const ProxyOptions& options) {
  if (options.node.lnd.url.empty()) return fails(Exit::usage, "no --lnd-url: there is no node to forward to. Give --lnd-url");
  auto upstreams = lnd_upstreams(options.node.lnd);
  if (!upstreams) return fails(Exit::usage, upstreams.error());
  const auto address = parse_listen(options.listen);
  if (!address) return fails(Exit::usage, address.error());
  auto tokens = node_proxy_tokens(options.data, *upstreams);
  if (!tokens) return fails(Exit::failed, tokens.error());

  const Log log(log_level(options.log_level).value_or(LogLevel::info));
  Metrics metrics;
  asio::io_context io;  // before the fetcher: it outlives the callbacks that post to it
  auto files = std::make_unique<UpstreamFiles>(options.node.lnd, *upstreams, [&log](const auto& changed) {
    if (changed) return log.info("lnd_files_reloaded", {});
    log.error("lnd_files_refused", {{"reason", changed.error()}});
  });
  Fetcher fetcher(no_webhooks, metrics, {}, resolve_by_system, std::move(files));
  NodeProxy proxy(io, fetcher, *tokens, log);
  try {
    auto bound = Listener::bind(io, {asio::ip::make_address(address->host), address->port});
    const auto port = bound.local_endpoint().port();
    proxy.listen(std::move(bound));
    if (!bound_to_loopback(address->host)) {
      log.warn("node_proxy_is_open",
               {{"listen", options.listen}, {"detail", "tokens are sent unencrypted: put a TLS proxy in front of it"}});
    }
    std::printf("node-proxy: http://%s:%u -> %s\n",
                address->host.contains(':') ? ("[" + address->host + "]").c_str() : address->host.c_str(),
                static_cast<unsigned>(port), options.node.lnd.url.c_str());
  } catch (const boost::system::system_error& taken) {
    return fails(Exit::failed, options.listen + ": " + taken.code().message());
  }
  for (const auto& [name, token] : *tokens)
    std::printf("  %s: token in %s\n", name.c_str(), token_file(options.data, name).c_str());
  std::fflush(stdout);
  run(io, proxy);
  return Exit::good;
}

}  // namespace

void add_node_proxy(CLI::App& program, Exit& exit) {
  auto options = std::make_shared<ProxyOptions>();
  auto config = std::make_shared<std::string>();
  CLI::App* command = program.add_subcommand(
      "node-proxy", "Forward only LNTPay's calls to lnd, for hosts that cannot pin its certificate or store a macaroon");
  command->add_option("--config", *config, "JSON object of these flags ('_' for '-'); flags take precedence");
  command->add_option("--listen", options->listen, "Numeric address and port, loopback or private: the proxy serves plain HTTP")
      ->capture_default_str();
  command->add_option("--data", options->data, "Folder for its tokens: receive.token, pay.token")->capture_default_str();
  command->add_option("--log-level", options->log_level, "Minimum log level")
      ->check(CLI::IsMember({"debug", "info", "warn", "error", "off"}))
      ->capture_default_str();
  add_node_flags(*command, options->node);
  command->callback([command, options, config, &exit] {
    if (!config->empty()) read_config_file(*command, *config, Others::refused);
    exit = serve(*options);
  });
}

}  // namespace lntpay::host
