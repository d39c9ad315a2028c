// Creating the sandbox workspace, or checking the existing one.
#include "host-adapters/server/serve/sandbox_setup.hpp"

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "host-adapters/server/ops/private_file.hpp"

namespace lntpay::host {
namespace {

using nlohmann::json;

std::map<std::string, std::string> read_env(const std::filesystem::path& path) {
  std::map<std::string, std::string> values;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);)
    if (const auto equals = line.find('='); equals != std::string::npos) values[line.substr(0, equals)] = line.substr(equals + 1);
  return values;
}

std::string env_text(const ResidentHost& host, const SandboxKeys& keys) {
  return "LNTPAY_BASE_URL=" + host.base_url() + "/v1\nLNTPAY_API_KEY=" + keys.test_key + "\nLNTPAY_LIVE_API_KEY=" + keys.live_key +
         "\nLNTPAY_WORKSPACE=" + keys.workspace + "\nLNTPAY_OPERATOR_TOKEN=" + host.secrets().operator_token + "\n";
}

std::expected<SandboxKeys, std::string> make_workspace(ResidentHost& host) {
  const Response response = host.request({.method = "POST",
                                          .target = "/v1/admin/workspaces",
                                          // Returns the same workspace if an earlier start crashed before the keys were written.
                                          .headers = {{"authorization", "Bearer " + host.secrets().operator_token},
                                                      {"content-type", "application/json"},
                                                      {"idempotency-key", "sandbox-workspace"},
                                                      {"host", "localhost"}},
                                          .body = R"({"name":"sandbox"})",
                                          .client = "127.0.0.1"});
  const json made = json::parse(response.body, nullptr, false);
  if (response.status != 201 || !made.is_object() || !made.contains("id") || !made.contains("api_keys"))
    return std::unexpected("the sandbox workspace could not be created: " + std::to_string(response.status) + " " + response.body);
  return SandboxKeys{made.value("id", ""), made["api_keys"].value("test", ""), made["api_keys"].value("live", "")};
}

/// Whether the key is still accepted.
bool is_accepted(ResidentHost& host, const std::string& key) {
  const Response response = host.request({.method = "GET",
                                          .target = "/v1/api_keys/current",
                                          .headers = {{"authorization", "Bearer " + key}, {"host", "localhost"}},
                                          .body = {},
                                          .client = "127.0.0.1"});
  return response.status != 401;
}

}  // namespace

std::expected<SandboxKeys, std::string> prepare_sandbox(ResidentHost& host) {
  const auto path = host.options().data / "sandbox.env";
  const bool in_memory = host.options().store == "memory";
  SandboxKeys keys;
  if (std::filesystem::exists(path) && !in_memory) {
    auto known = read_env(path);
    keys = {known["LNTPAY_WORKSPACE"], known["LNTPAY_API_KEY"], known["LNTPAY_LIVE_API_KEY"]};
    if (keys.test_key.empty())
      return std::unexpected(path.string() + " has no LNTPAY_API_KEY. Add one, or choose another folder with --data");
    if (!host.store_is_new() && !is_accepted(host, keys.test_key)) {
      return std::unexpected(
          "the key in " + path.string() +
          " is not accepted; it may have been rolled or revoked. Set LNTPAY_API_KEY there to the new key, serve without " +
          "--sandbox, or choose another folder with --data");
    }
  }
  if (keys.test_key.empty() || host.store_is_new()) {
    auto made = make_workspace(host);
    if (!made) return std::unexpected(made.error());
    keys = std::move(*made);
  }
  // Keys of a store in memory must not replace those of a database on disk.
  if (in_memory && std::filesystem::exists(host.options().data / database_name)) return keys;
  if (auto written = write_private_file(path, env_text(host, keys)); !written) return std::unexpected(written.error());
  return keys;
}

std::string sandbox_welcome(const std::string& base_url, const SandboxKeys& keys) {
  const std::string url = base_url + "/v1";
  const std::string key = "-H 'Authorization: Bearer " + keys.test_key + "'";
  return "\nLNTPay sandbox\n  API  " + url + "\n  Key  " + keys.test_key +
         "\n\nCreate a charge, pay it in the sandbox, show the balance:\n\n"
         "ID=$(curl -s " +
         url + "/charges " + key +
         " -H 'Content-Type: application/json' -d '{\"amount_sats\":1000,\"description\":\"first charge\"}'"
         " | sed 's/.*\"id\":\"\\(ch_[^\"]*\\)\".*/\\1/'); echo $ID\n"
         "curl -s -X POST " +
         url + "/sandbox/charges/$ID/pay " + key +
         " -H 'Content-Type: application/json' -d '{}'; echo\n"
         "curl -s " +
         url + "/balance " + key + "; echo\n\nCtrl-C stops the server; data and key are kept.\n\n";
}

}  // namespace lntpay::host
