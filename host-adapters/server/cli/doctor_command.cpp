// `lntpay doctor`: checks the node of `live` as `serve` would use it, and lists what to correct.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "host-adapters/server/cli/node_flags.hpp"
#include "host-adapters/server/cli/output.hpp"
#include "host-adapters/server/node/node_check.hpp"
#include "host-adapters/server/outbound/fetcher.hpp"

namespace lntpay::host {
namespace {

void print(const std::vector<Finding>& findings) {
  std::vector<nlohmann::json> rows;
  for (const auto& [check, grade, detail] : findings) {
    rows.push_back({{"check", check}, {"result", grade_name(grade)}, {"detail", detail}});
  }
  const auto text = isatty(STDOUT_FILENO) != 0 ? table(rows, {"check", "result", "detail"}) : nlohmann::json(rows).dump() + "\n";
  std::fputs(text.c_str(), stdout);
}

Exit examine(const ServeOptions& options) {
  if (options.lnd.url.empty()) {
    std::fputs("lntpay: no --lnd-url, so there is no node to check. Give the flags of the live node; test needs no node\n", stderr);
    return Exit::usage;
  }
  auto upstreams = lnd_upstreams(options.lnd);
  if (!upstreams) {
    std::fprintf(stderr, "lntpay: %s\n", upstreams.error().c_str());
    return Exit::usage;
  }
  Metrics metrics;
  Fetcher fetcher(no_webhooks, metrics, {}, resolve_by_system, *upstreams);
  const auto findings = check_node(fetcher, *upstreams, options.live_network);
  print(findings);
  return std::ranges::contains(findings, Grade::failed, &Finding::grade) ? Exit::failed : Exit::good;
}

}  // namespace

void add_doctor(CLI::App& program, Exit& exit) {
  auto options = std::make_shared<ServeOptions>();
  auto config = std::make_shared<std::string>();
  CLI::App* command = program.add_subcommand("doctor", "Check the Lightning node of live and list what to correct");
  command->add_option("--config", *config, "Configuration file of serve; flags take precedence");
  add_node_flags(*command, *options);
  command->callback([command, options, config, &exit] {
    if (!config->empty()) read_config_file(*command, *config, Others::ignored);
    exit = examine(*options);
  });
}

}  // namespace lntpay::host
