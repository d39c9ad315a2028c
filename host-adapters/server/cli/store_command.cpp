// `lntpay store accept | check`: commands on the data folder of a server that is not running.
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <memory>
#include <string>

#include "host-adapters/server/cli/node_flags.hpp"
#include "host-adapters/server/cli/output.hpp"
#include "host-adapters/server/cli/store_check.hpp"
#include "host-adapters/server/serve/store_opening.hpp"

namespace lntpay::host {
namespace {

bool was_set_back(const StoreFound& found) { return found.mark_state == MarkState::readable && !found.is_at_mark(); }

std::string found_text(const StoreFound& found) {
  const auto here = "The store is at batch " + std::to_string(found.batch);
  const auto mark = std::to_string(found.mark.batch);
  if (found.mark_state == MarkState::missing) return here + " and had no mark.";
  if (found.mark_state != MarkState::readable) return here + "; its mark was damaged.";
  if (found.standing == Standing::older)
    return here + ", its mark was at " + mark + ": " + std::to_string(found.mark.batch - found.batch) + " batches are missing.";
  if (found.standing == Standing::another) return here + ", its mark was at batch " + mark + " of another history.";
  return here + " and agrees with its mark, at " + mark + ": both were restored, so how many batches are missing is not known.";
}

std::string next_steps(const StoreFound& found) {
  const std::string lost = was_set_back(found) ? "in the missing batches" : "after the backup";
  return "Recorded: the restore of the live node (docs/lnd.md, \"After a restore\") and a new mark. Next:\n"
         "  1. Start the server. Withdrawals that this store knows as sent go to review unless the node proves their payment;\n"
         "     invoices that it knows as open are looked up and credited.\n"
         "  2. lntpay node totals      short_msat: paid out " +
         lost +
         ", not known here\n"
         "  3. lntpay node reconcile   with a key of each workspace\n"
         "  4. Compare the node's invoices and payments since then with the store: what was created " +
         lost +
         " is not in it\n"
         "     (docs/money.md, \"A store that was set back\").\n";
}

Exit accept(const ServeOptions& options, Opens opens, const std::string& evidence) {
  if (evidence.find_first_not_of(" \t\r\n") == std::string::npos)
    return fails(Exit::usage, "--evidence is empty. State what happened and what was restored: it is kept in the audit trail");
  if (!std::filesystem::exists(options.data / "secrets.json")) {
    return fails(Exit::failed, (options.data / "secrets.json").string() +
                                   " does not exist. Restore it from a backup, or name the data folder with --data");
  }
  const auto secrets = load_secrets(options.data);
  if (!secrets) return fails(Exit::failed, secrets.error());
  if (!std::filesystem::exists(database_of(options)))
    return fails(Exit::failed, database_of(options).string() + " does not exist. Restore it from a backup, then accept it");
  const auto accepted = accept_store(options, *secrets, opens, evidence);
  if (!accepted) return fails(Exit::failed, accepted.error());
  const auto& found = accepted->found;
  if (isatty(STDOUT_FILENO) != 0) {
    std::printf("%s\n", found_text(found).c_str());
  } else {
    nlohmann::json row{{"object", "store_acceptance"}, {"batch", found.batch}, {"restores", accepted->restores}};
    if (found.mark_state == MarkState::readable) row["mark_batch"] = found.mark.batch;
    std::printf("%s\n", row.dump().c_str());
  }
  std::fputs(next_steps(found).c_str(), stderr);
  return Exit::good;
}

/// The exit codes of `store check`; part of the program's interface.
enum class Checked : int { good = 0, damaged = 1, unreadable = 2 };

void show_progress(const StoreProgress& progress) {
  std::fprintf(stderr, "\rrows: %llu, ledgers: %llu", static_cast<unsigned long long>(progress.rows),
               static_cast<unsigned long long>(progress.ledgers));
}

Checked check(const ServeOptions& options, bool as_json) try {
  const bool shown = isatty(STDERR_FILENO) != 0;
  const auto mark = store_mark_of(options).string();
  const auto report = check_store(database_of(options).string(), mark, shown ? show_progress : [](const StoreProgress&) {});
  if (shown) std::fputs("\r\033[K", stderr);
  if (!std::filesystem::exists(mark))
    std::fprintf(stderr, "lntpay: there is no mark %s, so a store that was set back is not noticed\n", mark.c_str());
  std::fputs(as_json ? (report_json(report) + "\n").c_str() : report_text(report).c_str(), stdout);
  return report.findings_total == 0 ? Checked::good : Checked::damaged;
} catch (const std::exception& unreadable) {
  std::fprintf(stderr, "lntpay: %s\n", unreadable.what());
  return Checked::unreadable;
}

/// The data folder and the mark, as in `serve`.
void add_folder_flags(CLI::App& command, ServeOptions& options, std::string& config) {
  command.add_option("--config", config, "Configuration file of serve; flags take precedence");
  command.add_option("--data", options.data, "Data folder of the server, which must not run")->capture_default_str();
  command.add_option("--store-mark", options.store_mark,
                     "File of the store's mark, as in serve (default: lntpay.db.mark in --data)");
}

}  // namespace

void add_store(CLI::App& program, Exit& exit) {
  CLI::App* store = program.add_subcommand("store", "Check the store of a stopped server, or accept one that was set back");
  store->require_subcommand(1);
  auto options = std::make_shared<ServeOptions>();
  auto config = std::make_shared<std::string>();

  auto evidence = std::make_shared<std::string>();
  auto both_restored = std::make_shared<bool>(false);
  CLI::App* accepting = store->add_subcommand("accept", "Serve a store that is older than its mark, and start the reconciliation");
  add_folder_flags(*accepting, *options, *config);
  accepting->add_option("--evidence", *evidence, "Reason, for the audit trail")->required();
  accepting->add_flag("--both-were-restored", *both_restored, "Accept a store that agrees with its mark: both are of one backup");
  accepting->footer(
      "Run it after restoring a store from a backup; with --both-were-restored when the mark was restored with it, so that the\n"
      "server would start.\n"
      "It records a restore of the live node and makes the mark that of this store. Money that moved after the backup is\n"
      "found by reconciliation: docs/money.md, \"A store that was set back\".");
  accepting->callback([accepting, options, config, evidence, both_restored, &exit] {
    if (!config->empty()) read_config_file(*accepting, *config, Others::ignored);
    exit = accept(*options, *both_restored ? Opens::any : Opens::set_back, *evidence);
  });

  auto as_json = std::make_shared<bool>(false);
  CLI::App* checking = store->add_subcommand("check", "Check every row, link and ledger, and the mark; changes nothing");
  add_folder_flags(*checking, *options, *config);
  checking->add_flag("--json", *as_json, "Print the report as a JSON object");
  checking->footer("Exit codes: 0 no damage, 1 damage was found, 2 the store could not be read.");
  checking->callback([checking, options, config, as_json, &exit] {
    if (!config->empty()) read_config_file(*checking, *config, Others::ignored);
    exit = static_cast<Exit>(check(*options, *as_json));
  });
}

}  // namespace lntpay::host
