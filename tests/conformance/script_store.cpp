// Pipes to the process, and the contract's records as JSON.
#include "tests/conformance/script_store.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <variant>

#include "host-adapters/stores/rules/store_limits.hpp"

extern char** environ;

namespace lntpay::test {

using nlohmann::json;

class ScriptStore::Process {
 public:
  explicit Process(const std::string& kind) {
    std::array<int, 2> to{};
    std::array<int, 2> from{};
    if (pipe2(to.data(), O_CLOEXEC) != 0 || pipe2(from.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipes");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, from[1], STDOUT_FILENO);
    std::array<std::string, 4> words{"node", "--no-warnings", "tests/conformance/js_stores.mjs", kind};
    std::array<char*, 5> arguments{};
    for (std::size_t i = 0; i < words.size(); ++i) arguments[i] = words[i].data();
    if (posix_spawnp(&child_, "node", &actions, nullptr, arguments.data(), environ) != 0)
      throw std::runtime_error("node cannot be started");
    posix_spawn_file_actions_destroy(&actions);
    close(to[0]);
    close(from[1]);
    to_ = fdopen(to[1], "w");
    from_ = fdopen(from[0], "r");
  }
  ~Process() {
    std::fclose(to_);
    std::fclose(from_);
    waitpid(child_, nullptr, 0);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  json ask(const json& what) {
    const auto line = what.dump() + "\n";
    std::fwrite(line.data(), 1, line.size(), to_);
    std::fflush(to_);
    char* answer = nullptr;
    std::size_t room = 0;
    const auto size = getline(&answer, &room, from_);
    const std::unique_ptr<char, decltype(&std::free)> owned(answer, &std::free);
    if (size <= 0) throw std::runtime_error("js_stores.mjs ended");
    return json::parse(std::string_view(answer, static_cast<std::size_t>(size)));
  }

  static Process& of(const std::string& kind) {
    static std::map<std::string, std::unique_ptr<Process>> processes;
    auto& process = processes[kind];
    if (!process) process = std::make_unique<Process>(kind);
    return *process;
  }

 private:
  pid_t child_ = 0;
  std::FILE* to_ = nullptr;
  std::FILE* from_ = nullptr;
};

namespace {

Entry entry_of(const json& row) { return {row["key"], row["value"], std::stoull(row["version"].get<std::string>())}; }

/// Failed where the store refused; a store that breaks down is no answer at all.
const json& answer_in(const json& said, std::optional<Reply>& failed) {
  if (said.contains("broken")) throw std::runtime_error(said["broken"].get<std::string>());
  if (said.contains("failed")) failed = Failed{said["failed"]};
  return said.contains("answer") ? said["answer"] : said;
}

}  // namespace

ScriptStore::ScriptStore(const std::string& kind)
    : process_(Process::of(kind)), id_(process_.ask({{"op", "new"}})["id"].get<std::uint64_t>()) {}

host::Store::BatchEnd ScriptStore::end_batch() {
  open_ = false;
  return BatchEnd::durable;
}

json ScriptStore::perform(const char* op, json asked) {
  if (!open_) return {{"failed", host::no_batch}};
  return process_.ask({{"op", op}, {"id", id_}, {"asked", std::move(asked)}});
}

bool ScriptStore::reopen() { return process_.ask({{"op", "reopen"}, {"id", id_}})["reopened"].get<bool>(); }

Reply ScriptStore::get(const Get& asked) {
  const auto said = perform("get", {{"keys", asked.keys}});
  std::optional<Reply> failed;
  const auto& rows = answer_in(said, failed);
  if (failed) return *failed;
  Entries found;
  for (const auto& row : rows) found.entries.push_back(row.is_null() ? std::nullopt : std::optional(entry_of(row)));
  return found;
}

Reply ScriptStore::scan(const Range& asked) {
  const auto said =
      perform("scan", {{"prefix", asked.prefix}, {"after", asked.after}, {"limit", asked.limit}, {"reverse", asked.reverse}});
  std::optional<Reply> failed;
  const auto& rows = answer_in(said, failed);
  if (failed) return *failed;
  Scanned found;
  for (const auto& row : rows) found.entries.push_back(entry_of(row));
  return found;
}

Reply ScriptStore::commit(const Commit& asked) {
  auto checks = json::array();
  for (const auto& [key, version] : asked.checks) {
    checks.push_back({{"key", key}});
    if (version) checks.back()["version"] = std::to_string(*version);
  }
  auto ops = json::array();
  for (const auto& op : asked.ops) {
    const auto* put = std::get_if<Put>(&op);
    ops.push_back(put != nullptr ? json{{"tag", "put"}, {"val", {put->key, put->value}}}
                                 : json{{"tag", "delete"}, {"val", host::key_of(op)}});
  }
  const auto said = perform("commit", {{"checks", checks}, {"ops", ops}});
  std::optional<Reply> failed;
  const auto& answer = answer_in(said, failed);
  if (failed) return *failed;
  if (answer == "conflict") return Conflict{};
  return Committed{};
}

}  // namespace lntpay::test
