// `lntpay ledger verify | export`: verifies an export of the ledger offline, and downloads one.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "host-adapters/server/cli/ledger_file.hpp"
#include "host-adapters/server/cli/ledger_proof.hpp"
#include "host-adapters/server/cli/output.hpp"

namespace lntpay::host {
namespace {

/// A progress bar on a terminal, removed at the end.
class Progress {
 public:
  ~Progress() {
    if (shown_) std::fputs("\r\033[K", stderr);
  }
  /// `total` 0: unknown.
  void at(std::uint64_t done, std::uint64_t total, std::uint64_t entries) {
    if (!terminal_) return;
    shown_ = true;
    const std::size_t part = total == 0 ? 0 : static_cast<std::size_t>(std::min(done, total) * width / total);
    const std::string bar = std::string(part, '#') + std::string(width - part, '.');
    std::fprintf(stderr, "\r[%s] %llu entries", bar.c_str(), static_cast<unsigned long long>(entries));
  }

 private:
  static constexpr std::size_t width = 40;
  bool terminal_ = isatty(STDERR_FILENO) != 0;
  bool shown_ = false;
};

constexpr std::uint64_t entries_per_update = 10'000;

/// Adds the entries of one file; the error names the entry and the rule.
std::expected<void, std::string> prove(LedgerProof& proof, ExportReader reader, const std::string& name, std::uint64_t bytes) {
  Progress progress;
  for (std::uint64_t read = 1;; ++read) {
    const auto entry = reader.next();
    if (!entry) return std::unexpected(name + ": " + entry.error());
    if (!*entry) return {};
    if (const auto holds = proof.add(**entry); !holds) {
      return std::unexpected(name + ": entry " + (**entry)[Column::seq] + " (line " + std::to_string((*entry)->line) +
                             "): " + holds.error());
    }
    if (read % entries_per_update == 0) progress.at(reader.bytes_read(), bytes, read);
  }
}

Exit show_proof(const LedgerProof& proof) {
  const nlohmann::json row{{"ok", true},
                           {"entries", proof.seq()},
                           {"available_msat", proof.available_msat()},
                           {"locked_msat", proof.locked_msat()},
                           {"suspense_msat", proof.suspense_msat()},
                           {"hash", proof.hash()},
                           {"resume", proof.fold()}};
  return show(ApiAnswer{200, row.dump(), row}, {"ok", "entries", "available_msat", "locked_msat", "suspense_msat", "hash"});
}

Exit verify(const std::vector<std::string>& files, const std::string& resume) {
  LedgerProof proof;
  if (!resume.empty() && !proof.start_at(resume))
    return fails(Exit::usage, "--resume is not valid. Give the `resume` printed by an earlier verification");
  for (const auto& name : files) {
    std::error_code unknown;
    const auto bytes = name == "-" ? 0 : std::filesystem::file_size(name, unknown);
    std::ifstream file;
    if (name != "-") file.open(name, std::ios::binary);
    if (name != "-" && (unknown || !file))
      return fails(Exit::usage, name + " cannot be read. Check that the file exists and its permissions");
    const auto proved =
        name == "-" ? prove(proof, ExportReader(std::cin), "standard input", 0) : prove(proof, ExportReader(file), name, bytes);
    if (!proved) return fails(Exit::failed, proved.error());
  }
  if (proof.seq() == 0)
    std::fputs("lntpay: there is no entry to verify. This is correct for a new workspace; otherwise check the file\n", stderr);
  return show_proof(proof);
}

/// The size of the file up to its last line feed: an interrupted export may end in a partial line.
std::uintmax_t whole_lines(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  std::uintmax_t bytes = 0;
  for (std::string line; std::getline(file, line) && !file.eof();) bytes += line.size() + 1;
  return bytes;
}

/// The next page; retries while the API answers 429.
std::expected<ApiAnswer, std::string> page(const ApiClient& client, const std::string& format, std::uint64_t after_seq) {
  constexpr int retries_max = 60;
  for (int tries = 0;; ++tries) {
    auto answer = client.call("GET", "/ledger/export?format=" + format + "&after_seq=" + std::to_string(after_seq));
    if (!answer || answer->status != 429 || tries == retries_max) return answer;
    std::this_thread::sleep_for(std::chrono::seconds(2));
  }
}

Exit export_to(const std::string& name, const std::string& format) {
  const auto client = ApiClient::from_environment();
  if (!client) return fails(Exit::usage, client.error());
  LedgerProof proof;
  if (std::filesystem::exists(name)) {
    const auto bytes = whole_lines(name);
    std::ifstream there(name, std::ios::binary);
    if (const auto proved = prove(proof, ExportReader(there, bytes), name, bytes); !proved)
      return fails(Exit::failed, proved.error());
    std::filesystem::resize_file(name, proof.seq() == 0 ? 0 : bytes);
  }
  std::ofstream file;
  const auto balance = client->call("GET", "/balance");
  const std::uint64_t total = balance && balance->body.is_object() ? balance->body.value("as_of_seq", std::uint64_t{0}) : 0;
  Progress progress;
  for (std::uint64_t before = proof.seq();; before = proof.seq()) {
    const auto answer = page(*client, format, before);
    if (!answer || answer->status != 200) return show(answer, {});
    std::istringstream text(answer->text);
    if (const auto proved = prove(proof, ExportReader(text), "the API's response", 0); !proved)
      return fails(Exit::failed, proved.error());
    if (!file.is_open()) file.open(name, std::ios::binary | std::ios::app);
    file << answer->text << std::flush;
    if (!file) return fails(Exit::failed, name + " cannot be written. Check its permissions and the free space");
    if (proof.seq() == before) return show_proof(proof);
    progress.at(proof.seq(), total, proof.seq());
  }
}

}  // namespace

void add_ledger(CLI::App& program, Exit& exit) {
  CLI::App* ledger = program.add_subcommand("ledger", "Verify or download an export of the ledger");
  ledger->require_subcommand(1);

  auto files = std::make_shared<std::vector<std::string>>();
  auto resume = std::make_shared<std::string>();
  CLI::App* verifying = ledger->add_subcommand("verify", "Verify an export, CSV or JSON lines, without a server");
  verifying->add_option("file", *files, "Files of the export in order; - is standard input")->required();
  verifying->add_option("--resume", *resume, "Continue an earlier verification: its `resume`");
  verifying->callback([files, resume, &exit] { exit = verify(*files, *resume); });

  auto name = std::make_shared<std::string>();
  auto format = std::make_shared<std::string>("csv");
  CLI::App* exporting = ledger->add_subcommand("export", "Download and verify the ledger; continues an existing file");
  exporting->add_option("file", *name, "File to write")->required();
  exporting->add_option("--format", *format, "Format")->check(CLI::IsMember({"csv", "jsonl"}))->capture_default_str();
  exporting->callback([name, format, &exit] { exit = export_to(*name, *format); });
}

}  // namespace lntpay::host
