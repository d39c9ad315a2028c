// Adding the node's flags, and reading flags from a file.
#include "host-adapters/server/cli/node_flags.hpp"

#include <fstream>
#include <nlohmann/json.hpp>

namespace lntpay::host {

void add_node_flags(CLI::App& command, ServeOptions& options) {
  const auto add = [&command](const char* flag, auto& value, const char* environment, const char* words) {
    return command.add_option(flag, value, words)->envname(environment)->group("Lightning node for live keys");
  };
  auto& lnd = options.lnd;
  add("--live-network", options.live_network, "LNTPAY_LIVE_NETWORK", "The node's network")
      ->check(CLI::IsMember({"bitcoin", "testnet", "signet", "regtest"}))
      ->capture_default_str();
  add("--lnd-url", lnd.url, "LNTPAY_LND_URL", "lnd's REST gateway: https://HOST:PORT (default: no node)");
  add("--lnd-certificate", lnd.certificate, "LNTPAY_LND_CERTIFICATE", "File: lnd's tls.cert, the only certificate trusted");
  add("--lnd-public-key", lnd.public_key, "LNTPAY_LND_PUBLIC_KEY", "Instead of the certificate: sha256//BASE64 of its public key");
  add("--lnd-receive-macaroon", lnd.receive_macaroon, "LNTPAY_LND_RECEIVE_MACAROON",
      "File: macaroon that creates and looks up invoices");
  add("--lnd-pay-macaroon", lnd.pay_macaroon, "LNTPAY_LND_PAY_MACAROON",
      "File: macaroon that pays (default: withdrawals are refused)");
}

void read_config_file(CLI::App& command, const std::string& path, Others others) {
  std::ifstream file(path);
  if (!file) throw CLI::ValidationError("--config", "cannot read " + path);
  const auto all = nlohmann::json::parse(file, nullptr, false);
  if (!all.is_object()) throw CLI::ValidationError("--config", path + " is not a JSON object");
  for (const auto& [name, value] : all.items()) {
    std::string flag = "--" + name;
    for (char& c : flag)
      if (c == '_') c = '-';
    CLI::Option* option = command.get_option_no_throw(flag);
    if (option == nullptr && others == Others::ignored) continue;
    if (option == nullptr || flag == "--config" || flag == "--help") {
      throw CLI::ValidationError(
          "--config",
          std::string(path).append(": unknown member ").append(name).append(". Members are the command's flags, with _ for -"));
    }
    if (option->count() > 0) continue;
    option->add_result(value.is_string() ? value.get<std::string>() : value.dump());
    option->run_callback();
  }
}

}  // namespace lntpay::host
