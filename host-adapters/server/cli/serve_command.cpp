// `lntpay serve`: the resident host.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "host-adapters/server/cli/node_flags.hpp"
#include "host-adapters/server/cli/output.hpp"
#include "host-adapters/server/serve/resident_host.hpp"
#include "host-adapters/server/serve/sandbox_setup.hpp"

namespace lntpay::host {
namespace {

/// A check for CLI11 that returns the parser's error, or an empty string.
template <class Parse>
auto checked_by(Parse parse) {
  return [parse](const std::string& text) {
    const auto parsed = parse(text);
    return parsed ? std::string() : parsed.error();
  };
}

Exit serve(const ServeOptions& options) {
  ResidentHost host(options);
  if (auto started = host.start(); !started) return fails(Exit::failed, started.error());
  const auto keys = options.sandbox ? prepare_sandbox(host) : SandboxKeys{};
  if (!keys) return fails(Exit::failed, keys.error());
  const char* named = std::getenv("LNTPAY_API_KEY");
  const std::string key = options.sandbox ? keys->test_key : named != nullptr ? named : "";
  if (auto opened = host.open_gates(key); !opened) return fails(Exit::failed, opened.error());
  host.listen();
  if (options.sandbox) {
    std::fputs(sandbox_welcome(host.base_url(), *keys).c_str(), stdout);
    std::fflush(stdout);
  }
  host.run();
  return Exit::good;
}

void add_host_flags(CLI::App& command, ServeOptions& options) {
  command.add_option("--listen", options.listen, "Numeric address and port")
      ->check(checked_by(parse_listen))
      ->capture_default_str();
  command.add_option("--data", options.data, "Folder for the database, secrets and compiled code")->capture_default_str();
  command.add_option("--store", options.store, "Where rows are stored")
      ->check(CLI::IsMember({"sqlite", "memory"}))
      ->capture_default_str();
  command.add_option("--store-mark", options.store_mark,
                     "File that records how far the store has come, best on another volume (default: lntpay.db.mark in --data)");
  command.add_option("--engine", options.engine, "Run the engine as a component or natively")
      ->check(CLI::IsMember({"wasm", "native"}))
      ->capture_default_str();
  command.add_option("--component", options.component, "The engine component (default: lntpay.wasm in the program's folder)");
  command.add_option("--resources", options.resources,
                     "Folder of openapi.json and the reference (default: resources in the program's folder)");
  command.add_option("--isolation", options.isolation, "One engine instance for all sessions, or one for each")
      ->check(CLI::IsMember({"shared", "session"}))
      ->capture_default_str();
  command.add_flag("--sandbox", options.sandbox,
                   "Create a workspace and a key at the first start, print the key, and allow loopback webhooks");
}

void add_api_flags(CLI::App& command, ServeOptions& options) {
  command.add_option("--base-url", options.base_url, "Public URL, without /v1 (default: http:// and the listening address)");
  command.add_flag("--allow-loopback", options.allow_loopback, "Allow webhooks of test keys to this machine");
  command
      .add_option("--trusted-proxies", options.trusted_proxies,
                  "Addresses and networks of remote proxies whose X-Forwarded-For is trusted: 10.0.0.0/8,…")
      ->check(checked_by(TrustedProxies::parse));
  command
      .add_option("--name-servers", options.name_servers,
                  "DNS servers for names of webhooks and of services in a gates file: ADDRESS[:PORT],… (default: those "
                  "of\n/etc/resolv.conf)")
      ->check(checked_by(check_name_servers));
  command.add_option("--rate-limit", options.rate_limit, "Rate limit per workspace: REQUESTS/SECONDS")
      ->check(checked_by(parse_rate_limit))
      ->capture_default_str();
  command.add_option("--challenges-per-client", options.challenges_per_client, "Open unpaid challenges per client address")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command.add_option("--challenges-per-gate", options.challenges_per_gate, "Open unpaid challenges per gate")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command
      .add_option("--keep-events-days", options.keep_events_days,
                  "Days for which events, deliveries and their attempts are kept; 0: forever")
      ->check(CLI::Range(0U, 3'650U))
      ->capture_default_str();
}

void add_proxy_flags(CLI::App& command, ServeOptions& options) {
  auto& proxy = options.proxy;
  constexpr const char* proxied = "Gate proxy in front of a service";
  command.add_option("--proxy-listen", proxy.listen, "Numeric address and port for its clients")->group(proxied);
  command
      .add_option("--proxy-gate", proxy.gate,
                  "The gate's id (gate_…); none forwards every request, to measure the cost of the gate")
      ->group(proxied);
  command.add_option("--proxy-service", proxy.service, "The service: http://ADDRESS:PORT")->group(proxied);
  command.add_option("--gates", options.gates, "File of gates, services and their addresses; see: lntpay gate check --help");
}

}  // namespace

void add_serve(CLI::App& program, Exit& exit) {
  auto options = std::make_shared<ServeOptions>();
  auto config = std::make_shared<std::string>();
  CLI::App* command = program.add_subcommand("serve", "Serve the API");
  command->add_option("--config", *config, "JSON object of these flags ('_' for '-'); flags take precedence");
  add_host_flags(*command, *options);
  add_api_flags(*command, *options);
  add_proxy_flags(*command, *options);
  add_node_flags(*command, *options);
  command->add_option("--log-level", options->log_level, "Minimum log level")
      ->check(CLI::IsMember({"debug", "info", "warn", "error", "off"}))
      ->capture_default_str();
  command->callback([command, options, config, &exit] {
    if (!config->empty()) read_config_file(*command, *config, Others::refused);
    exit = serve(*options);
  });
}

}  // namespace lntpay::host
