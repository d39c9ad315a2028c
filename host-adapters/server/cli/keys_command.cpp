// `lntpay keys create | list | revoke`: calls the API.
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/access/scopes.hpp"
#include "host-adapters/server/cli/output.hpp"

namespace lntpay::host {
namespace {

struct NewKey {
  std::vector<std::string> scopes;
  std::string name;
  std::string expires_at;
};

nlohmann::json body_of(const NewKey& key) {
  nlohmann::json body{{"scopes", key.scopes}};
  if (!key.name.empty()) body["name"] = key.name;
  if (!key.expires_at.empty()) body["expires_at"] = key.expires_at;
  return body;
}

Exit call(const std::string& method, const std::string& path, const nlohmann::json& body, const std::vector<std::string>& columns) {
  const auto client = ApiClient::from_environment();
  if (!client) {
    std::fprintf(stderr, "lntpay: %s\n", client.error().c_str());
    return Exit::usage;
  }
  return show(client->call(method, path, body), columns);
}

constexpr const char* environment_help =
    "Environment:\n"
    "  LNTPAY_API_KEY   the key used for the call: it needs the scope keys:write, and can grant only scopes that it has\n"
    "  LNTPAY_BASE_URL  the API's URL (default: http://127.0.0.1:8402/v1)\n"
    "data/sandbox.env has both for the sandbox.";

std::string scopes_help() {
  std::string text = "Scopes:";
  for (const auto& name : enum_names<Scope>) text.append("\n  ").append(name);
  return text;
}

}  // namespace

void add_keys(CLI::App& program, Exit& exit) {
  CLI::App* keys = program.add_subcommand("keys", "Create, list and revoke API keys");
  keys->require_subcommand(1);
  keys->footer(environment_help);

  auto asked = std::make_shared<NewKey>();
  CLI::App* create = keys->add_subcommand("create", "Create a key; it is shown once");
  create->add_option("--scopes,--scope", asked->scopes, "Comma-separated scopes, such as charges:write,webhooks:read")
      ->delimiter(',')
      ->required();
  create->footer(scopes_help() + "\n\n" + environment_help);
  create->add_option("--name", asked->name, "Name of the key");
  create->add_option("--expires-at", asked->expires_at, "Time of expiry, RFC 3339");
  create->callback(
      [asked, &exit] { exit = call("POST", "/api_keys", body_of(*asked), {"id", "key", "name", "expires_at", "scopes"}); });

  CLI::App* list = keys->add_subcommand("list", "List the keys of the workspace and environment");
  list->callback([&exit] {
    exit = call("GET", "/api_keys?limit=100", nullptr,
                {"id", "name", "prefix", "last4", "created_at", "expires_at", "revoked_at", "scopes"});
  });

  auto id = std::make_shared<std::string>();
  CLI::App* revoke = keys->add_subcommand("revoke", "Revoke a key immediately");
  revoke->add_option("id", *id, "key_…")->required()->check([](const std::string& text) {
    const bool fits = text.starts_with("key_") && text.find_first_of("/?#%\r\n ") == std::string::npos;
    return fits ? std::string() : std::string("not a key's id. Give the id, key_…, not the key");
  });
  revoke->callback([id, &exit] { exit = call("DELETE", "/api_keys/" + *id, nullptr, {"id", "name", "revoked_at"}); });
}

}  // namespace lntpay::host
