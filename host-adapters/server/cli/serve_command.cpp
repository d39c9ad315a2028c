// `lntpay serve`: the resident host.
#include <cstdio>
#include <memory>
#include <string>

#include "host-adapters/server/cli/node_flags.hpp"
#include "host-adapters/server/engine/resident_host.hpp"
#include "host-adapters/server/ops/sandbox_setup.hpp"

namespace lntpay::host {
namespace {

/// A flag's parser as CLI11 checks with it: the error's text, or nothing.
template <class Parse>
auto says(Parse parse) {
  return [parse](const std::string& text) {
    const auto parsed = parse(text);
    return parsed ? std::string() : parsed.error();
  };
}

Exit serve(const ServeOptions& options) {
  ResidentHost host(options);
  if (auto started = host.start(); !started) {
    std::fprintf(stderr, "lntpay: %s\n", started.error().c_str());
    return Exit::failed;
  }
  if (options.sandbox) {
    const auto keys = prepare_sandbox(host);
    if (!keys) {
      std::fprintf(stderr, "lntpay: %s\n", keys.error().c_str());
      return Exit::failed;
    }
    host.listen();
    std::fputs(sandbox_welcome(host.base_url(), *keys).c_str(), stdout);
    std::fflush(stdout);
  } else {
    host.listen();
  }
  host.run();
  return Exit::good;
}

}  // namespace

void add_serve(CLI::App& program, Exit& exit) {
  auto options = std::make_shared<ServeOptions>();
  auto config = std::make_shared<std::string>();
  CLI::App* command = program.add_subcommand("serve", "Serve the API");
  command->add_option("--config", *config, "JSON object of these flags ('_' for '-'); flags win");
  command->add_option("--listen", options->listen, "Numeric address and port")->check(says(parse_listen))->capture_default_str();
  command->add_option("--data", options->data, "Folder for the database, secrets and compiled code")->capture_default_str();
  command->add_option("--store", options->store, "Where rows live")
      ->check(CLI::IsMember({"sqlite", "memory"}))
      ->capture_default_str();
  command->add_option("--engine", options->engine, "How the engine runs")
      ->check(CLI::IsMember({"wasm", "native"}))
      ->capture_default_str();
  command->add_option("--component", options->component, "The engine component (default: lntpay.wasm beside the program)");
  command->add_option("--isolation", options->isolation, "One instance for all, or one a session")
      ->check(CLI::IsMember({"shared", "session"}))
      ->capture_default_str();
  command->add_flag("--sandbox", options->sandbox, "Make a workspace and a key once and print them; allow loopback webhooks");
  command->add_option("--base-url", options->base_url, "Public URL, without /v1 (default: http:// and the listening address)");
  command->add_flag("--allow-loopback", options->allow_loopback, "Let test keys send webhooks to this machine");
  command
      ->add_option("--trusted-proxies", options->trusted_proxies,
                   "Addresses and networks of proxies elsewhere whose X-Forwarded-For is believed: 10.0.0.0/8,…")
      ->check(says(TrustedProxies::parse));
  command->add_option("--rate-limit", options->rate_limit, "Requests/seconds for each workspace")
      ->check(says(parse_rate_limit))
      ->capture_default_str();
  command
      ->add_option("--challenges-per-client", options->challenges_per_client,
                   "New invoices of gates in ten minutes for each client's address")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->add_option("--challenges-per-gate", options->challenges_per_gate, "New invoices in ten minutes for each gate")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  auto& proxy = options->proxy;
  constexpr const char* proxied = "A gate before a service";
  command->add_option("--proxy-listen", proxy.listen, "Numeric address and port that its clients connect to")->group(proxied);
  command->add_option("--proxy-gate", proxy.gate, "The gate's id (gate_…); none: everything passes, to see what the gate costs")
      ->group(proxied);
  command->add_option("--proxy-service", proxy.service, "Where the service is: http://ADDRESS:PORT")->group(proxied);
  add_node_flags(*command, *options);
  command->add_option("--log-level", options->log_level, "What is logged")
      ->check(CLI::IsMember({"debug", "info", "warn", "error", "off"}))
      ->capture_default_str();
  command->callback([command, options, config, &exit] {
    if (!config->empty()) read_config_file(*command, *config, Others::refused);
    exit = serve(*options);
  });
}

}  // namespace lntpay::host
