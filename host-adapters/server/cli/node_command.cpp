// `lntpay node reconcile | totals | restored`: compares the records with the node, through the API.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "host-adapters/server/cli/output.hpp"

namespace lntpay::host {
namespace {

constexpr const char* operator_token = "LNTPAY_OPERATOR_TOKEN";
constexpr const char* operator_help =
    "Environment:\n"
    "  LNTPAY_OPERATOR_TOKEN  the operator's token: operator_token in the data folder's secrets.json\n"
    "  LNTPAY_BASE_URL        the API's URL (default: http://127.0.0.1:8402/v1)";

/// Calls `take` with every part of a response that is continued by `resume`. Retries while the API answers 429.
template <class Take>
std::expected<void, Exit> all_parts(const ApiClient& client, const std::string& path, Take take) {
  constexpr int retries_max = 60;
  std::string resume;
  for (int refused = 0;;) {
    auto part = path;
    if (!resume.empty()) part.append("&resume=").append(resume);
    const auto answer = client.call("GET", part);
    if (answer && answer->status == 429 && ++refused < retries_max) {
      std::this_thread::sleep_for(std::chrono::seconds(2));
      continue;
    }
    if (!answer || answer->status != 200 || !answer->body.is_object()) return std::unexpected(show(answer, {}));
    take(answer->body);
    const auto& next = answer->body["resume"];
    if (!next.is_string()) return {};
    resume = next.get<std::string>();
  }
}

Exit reconcile() {
  const auto client = ApiClient::from_environment();
  if (!client) return fails(Exit::usage, client.error());
  std::vector<nlohmann::json> differences;
  std::uint64_t charges = 0;
  std::uint64_t withdrawals = 0;
  const auto done = all_parts(*client, "/reconciliation?limit=100", [&](const nlohmann::json& part) {
    charges += part.value("charges", std::uint64_t{0});
    withdrawals += part.value("withdrawals", std::uint64_t{0});
    for (const auto& each : part["differences"]) differences.push_back(each);
    if (isatty(STDERR_FILENO) != 0) {
      std::fprintf(stderr, "\rcharges: %llu, withdrawals: %llu", static_cast<unsigned long long>(charges),
                   static_cast<unsigned long long>(withdrawals));
    }
  });
  if (isatty(STDERR_FILENO) != 0) std::fputs("\r\033[K", stderr);
  if (!done) return done.error();
  if (isatty(STDOUT_FILENO) == 0) {
    const nlohmann::json all{
        {"ok", differences.empty()}, {"charges", charges}, {"withdrawals", withdrawals}, {"differences", differences}};
    std::printf("%s\n", all.dump().c_str());
  } else if (differences.empty()) {
    std::printf("the node agrees with the records. Charges: %llu, withdrawals: %llu\n", static_cast<unsigned long long>(charges),
                static_cast<unsigned long long>(withdrawals));
  } else {
    std::fputs(table(differences, {"kind", "id", "status", "node", "here_msat", "node_msat"}).c_str(), stdout);
  }
  return differences.empty() ? Exit::good : Exit::failed;
}

Exit totals(const std::string& environment) {
  const auto client = ApiClient::from_environment(operator_token);
  if (!client) return fails(Exit::usage, client.error());
  nlohmann::json last;
  nlohmann::json unexplained = nlohmann::json::array();
  const auto done = all_parts(*client, "/admin/reconciliation?environment=" + environment, [&](const nlohmann::json& part) {
    last = part;
    for (const auto& each : part["unexplained"]) unexplained.push_back(each);
  });
  if (!done) return done.error();
  last["unexplained"] = unexplained;
  const bool is_short = last["short_msat"].is_number() && last["short_msat"] != 0;
  const auto shown = show(ApiAnswer{200, last.dump(), last},
                          {"workspaces", "available_msat", "locked_msat", "suspense_msat", "owed_msat", "node_msat", "short_msat"});
  return is_short || !unexplained.empty() ? Exit::failed : shown;
}

Exit restored(const std::string& environment, const std::string& evidence) {
  const auto client = ApiClient::from_environment(operator_token);
  if (!client) return fails(Exit::usage, client.error());
  return show(client->call("POST", "/admin/node/restored?environment=" + environment, {{"evidence", evidence}}),
              {"environment", "restores"});
}

}  // namespace

void add_node(CLI::App& program, Exit& exit) {
  CLI::App* node = program.add_subcommand("node", "Compare the records with the Lightning node");
  node->require_subcommand(1);

  CLI::App* reconciling = node->add_subcommand("reconcile", "Compare every charge and withdrawal of the key's workspace");
  reconciling->footer("Environment: LNTPAY_API_KEY (scope ledger:read), LNTPAY_BASE_URL. Exit code 1: there are differences.");
  reconciling->callback([&exit] { exit = reconcile(); });

  auto environment = std::make_shared<std::string>("live");
  const auto add_environment = [&](CLI::App* command) {
    command->add_option("--environment", *environment, "Environment of the node")
        ->check(CLI::IsMember({"live", "test"}))
        ->capture_default_str();
    command->footer(operator_help);
  };
  CLI::App* adding = node->add_subcommand("totals", "Compare the sum of all balances with the node's channel balance");
  add_environment(adding);
  adding->callback([environment, &exit] { exit = totals(*environment); });

  auto evidence = std::make_shared<std::string>();
  CLI::App* restoring = node->add_subcommand(
      "restored", "Record that the node was restored from seed or backup, before restarting it: earlier sends go to review");
  add_environment(restoring);
  restoring->add_option("--evidence", *evidence, "Reason, for the audit trail")->required();
  restoring->callback([environment, evidence, &exit] { exit = restored(*environment, *evidence); });
}

}  // namespace lntpay::host
