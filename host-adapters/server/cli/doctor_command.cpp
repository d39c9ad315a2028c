// `lntpay doctor`: checks the node of `live` and the store's mark as `serve` would use them, and lists what to correct.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include "host-adapters/server/cli/node_flags.hpp"
#include "host-adapters/server/cli/output.hpp"
#include "host-adapters/server/node/node_check.hpp"
#include "host-adapters/server/outbound/fetcher.hpp"
#include "host-adapters/stores/sqlite/store_mark.hpp"

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

/// Whether both are on one file system. A mark that does not exist yet is looked up by its folder.
bool on_one_volume(const std::filesystem::path& database, const std::filesystem::path& mark) {
  struct stat of_database{};
  struct stat of_mark{};
  const auto folder = mark.parent_path().empty() ? std::filesystem::path(".") : mark.parent_path();
  if (stat(database.c_str(), &of_database) != 0) return false;
  if (stat(mark.c_str(), &of_mark) != 0 && stat(folder.c_str(), &of_mark) != 0) return false;
  return of_database.st_dev == of_mark.st_dev;
}

/// Nothing where there is no database: not every machine that runs doctor is the server.
std::vector<Finding> check_mark(const ServeOptions& options) try {
  const auto database = database_of(options);
  const auto mark = store_mark_of(options);
  if (!std::filesystem::exists(database)) return {};
  const auto found = read_mark(mark.string());
  if (found.state == MarkState::missing) {
    return {{"store mark", Grade::warning,
             mark.string() + " does not exist, so a store that was set back is not noticed at the next start, which creates it"}};
  }
  if (found.state != MarkState::readable) {
    return {{"store mark", Grade::failed,
             mark.string() + " is damaged or no mark: serve refuses it. Name the right file with --store-mark"}};
  }
  if (on_one_volume(database, mark)) {
    return {{"store mark", Grade::warning,
             mark.string() +
                 " is on the volume of the store: a volume that is rolled back takes the mark with it, and nothing is " +
                 "noticed. Move it to another volume and name it with --store-mark"}};
  }
  return {{"store mark", Grade::ok, mark.string() + ", batch " + std::to_string(found.mark.batch) + ", on a volume of its own"}};
} catch (const std::exception& unreadable) {
  return {{"store mark", Grade::failed, unreadable.what()}};
}

Exit examine(const ServeOptions& options) {
  auto findings = check_mark(options);
  if (options.lnd.url.empty() && findings.empty()) {
    std::fputs("lntpay: no --lnd-url, so there is no node to check. Give the flags of the live node; test needs no node\n", stderr);
    return Exit::usage;
  }
  if (!options.lnd.url.empty()) {
    auto upstreams = lnd_upstreams(options.lnd);
    if (!upstreams) {
      std::fprintf(stderr, "lntpay: %s\n", upstreams.error().c_str());
      return Exit::usage;
    }
    Metrics metrics;
    Fetcher fetcher(no_webhooks, metrics, {}, resolve_by_system, *upstreams);
    for (auto& each : check_node(fetcher, *upstreams, options.live_network)) findings.push_back(std::move(each));
  }
  print(findings);
  return std::ranges::contains(findings, Grade::failed, &Finding::grade) ? Exit::failed : Exit::good;
}

}  // namespace

void add_doctor(CLI::App& program, Exit& exit) {
  auto options = std::make_shared<ServeOptions>();
  auto config = std::make_shared<std::string>();
  CLI::App* command =
      program.add_subcommand("doctor", "Check the Lightning node of live and the store's mark, and list what to correct");
  command->add_option("--config", *config, "Configuration file of serve; flags take precedence");
  command->add_option("--data", options->data, "Data folder of serve")->capture_default_str();
  command->add_option("--store-mark", options->store_mark, "File of the store's mark, as in serve");
  add_node_flags(*command, *options);
  command->callback([command, options, config, &exit] {
    if (!config->empty()) read_config_file(*command, *config, Others::ignored);
    exit = examine(*options);
  });
}

}  // namespace lntpay::host
