// `lntpay serve`: the resident host.
#include <cstdio>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "host-adapters/wasmtime/commands/command.hpp"
#include "host-adapters/wasmtime/resident_host.hpp"
#include "host-adapters/wasmtime/sandbox.hpp"

namespace lntpay::host {
namespace {

/// A JSON object whose members are the flags without dashes, '_' for '-': {"listen":"0.0.0.0:8402","base_url":…}. Flags win.
void read_config_file(CLI::App& serve, const std::string& path) {
  std::ifstream file(path);
  if (!file) throw CLI::ValidationError("--config", "cannot read " + path);
  const auto all = nlohmann::json::parse(file, nullptr, false);
  if (!all.is_object()) throw CLI::ValidationError("--config", path + " is not a JSON object");
  for (const auto& [name, value] : all.items()) {
    std::string flag = "--" + name;
    for (char& c : flag)
      if (c == '_') c = '-';
    CLI::Option* option = serve.get_option_no_throw(flag);
    if (option == nullptr || flag == "--config" || flag == "--help")
      throw CLI::ValidationError("--config", std::string(path).append(": unknown member ").append(name));
    if (option->count() > 0) continue;
    option->add_result(value.is_string() ? value.get<std::string>() : value.dump());
    option->run_callback();
  }
}

/// A flag's parser as CLI11 checks with it: the error's text, or nothing.
template <class Parse>
auto says(Parse parse) {
  return [parse](const std::string& text) {
    const auto parsed = parse(text);
    return parsed ? std::string() : parsed.error();
  };
}

/// Files and addresses only: what is secret is in the files. Flags win over the environment, and that over --config.
void add_lnd(CLI::App& command, ServeOptions& options) {
  const auto add = [&command](const char* flag, auto& value, const char* environment, const char* words) {
    return command.add_option(flag, value, words)->envname(environment)->group("Lightning node of live");
  };
  auto& lnd = options.lnd;
  add("--live-network", options.live_network, "LNTPAY_LIVE_NETWORK", "The node's network")
      ->check(CLI::IsMember({"bitcoin", "testnet", "signet", "regtest"}))
      ->capture_default_str();
  add("--lnd-url", lnd.url, "LNTPAY_LND_URL", "lnd's REST gateway: https://HOST:PORT (default: there is no node)");
  add("--lnd-certificate", lnd.certificate, "LNTPAY_LND_CERTIFICATE", "File: its tls.cert, the only one that is trusted");
  add("--lnd-public-key", lnd.public_key, "LNTPAY_LND_PUBLIC_KEY", "Instead: sha256//BASE64 of its TLS key");
  add("--lnd-receive-macaroon", lnd.receive_macaroon, "LNTPAY_LND_RECEIVE_MACAROON", "File: what makes and looks up invoices");
  add("--lnd-pay-macaroon", lnd.pay_macaroon, "LNTPAY_LND_PAY_MACAROON", "File: what pays (default: nothing is paid)");
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
    std::fputs(sandbox_welcome(host.base_url(), *keys).c_str(), stdout);
    std::fflush(stdout);
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
  command->add_option("--rate-limit", options->rate_limit, "Requests/seconds for each workspace")
      ->check(says(parse_rate_limit))
      ->capture_default_str();
  add_lnd(*command, *options);
  command->add_option("--log-level", options->log_level, "What is logged")
      ->check(CLI::IsMember({"debug", "info", "warn", "error", "off"}))
      ->capture_default_str();
  command->callback([command, options, config, &exit] {
    if (!config->empty()) read_config_file(*command, *config);
    exit = serve(*options);
  });
}

}  // namespace lntpay::host
