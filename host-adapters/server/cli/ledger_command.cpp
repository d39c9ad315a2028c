// `lntpay ledger verify | export`: a ledger's export, proved without the server that wrote it, and fetched.
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

/// How far it is, on a terminal only; gone when it is done.
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

constexpr std::uint64_t entries_between_looks = 10'000;

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
    if (read % entries_between_looks == 0) progress.at(reader.bytes_read(), bytes, read);
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
  if (!resume.empty() && !proof.start_at(resume)) return fails(Exit::usage, "--resume takes what an earlier proof ended with");
  for (const auto& name : files) {
    std::error_code unknown;
    const auto bytes = name == "-" ? 0 : std::filesystem::file_size(name, unknown);
    std::ifstream file;
    if (name != "-") file.open(name, std::ios::binary);
    if (name != "-" && (unknown || !file)) return fails(Exit::usage, name + " cannot be read");
    const auto proved =
        name == "-" ? prove(proof, ExportReader(std::cin), "standard input", 0) : prove(proof, ExportReader(file), name, bytes);
    if (!proved) return fails(Exit::failed, proved.error());
  }
  if (proof.seq() == 0)
    std::fputs("lntpay: there was no entry to prove: right for a new workspace, else look at the file\n", stderr);
  return show_proof(proof);
}

/// Up to the end of the last whole line: an export that was cut off may have half a line behind it.
std::uintmax_t whole_lines(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  std::uintmax_t bytes = 0;
  for (std::string line; std::getline(file, line) && !file.eof();) bytes += line.size() + 1;
  return bytes;
}

/// The next page; waits where the API says that it is asked too often.
std::expected<ApiAnswer, std::string> page(const ApiClient& client, const std::string& format, std::uint64_t after_seq) {
  constexpr int patience = 60;
  for (int tries = 0;; ++tries) {
    auto answer = client.call("GET", "/ledger/export?format=" + format + "&after_seq=" + std::to_string(after_seq));
    if (!answer || answer->status != 429 || tries == patience) return answer;
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
    if (const auto proved = prove(proof, ExportReader(text), "the API's answer", 0); !proved)
      return fails(Exit::failed, proved.error());
    if (!file.is_open()) file.open(name, std::ios::binary | std::ios::app);
    file << answer->text << std::flush;
    if (!file) return fails(Exit::failed, name + " cannot be written");
    if (proof.seq() == before) return show_proof(proof);
    progress.at(proof.seq(), total, proof.seq());
  }
}

}  // namespace

void add_ledger(CLI::App& program, Exit& exit) {
  CLI::App* ledger = program.add_subcommand("ledger", "Prove an export of the ledger, or make one");
  ledger->require_subcommand(1);

  auto files = std::make_shared<std::vector<std::string>>();
  auto resume = std::make_shared<std::string>();
  CLI::App* verifying = ledger->add_subcommand("verify", "Prove an export, CSV or lines of JSON, without a server");
  verifying->add_option("file", *files, "Its parts in order; - is standard input")->required();
  verifying->add_option("--resume", *resume, "Go on where an earlier proof ended: its `resume`");
  verifying->callback([files, resume, &exit] { exit = verify(*files, *resume); });

  auto name = std::make_shared<std::string>();
  auto format = std::make_shared<std::string>("csv");
  CLI::App* exporting = ledger->add_subcommand("export", "Write the ledger to a file, proving it; goes on with one that is there");
  exporting->add_option("file", *name, "Where to")->required();
  exporting->add_option("--format", *format, "How")->check(CLI::IsMember({"csv", "jsonl"}))->capture_default_str();
  exporting->callback([name, format, &exit] { exit = export_to(*name, *format); });
}

}  // namespace lntpay::host
