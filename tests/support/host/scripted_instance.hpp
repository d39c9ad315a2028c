// An instance whose sessions run the lines of their request's body as commands. For tests of the host.
//
//   put KEY VALUE    one commit; appends "committed", "conflict", … to the response
//   get KEY          appends the value, or "none"
//   wait KEY         waits until the row changes or the wait times out
//   fetch URL        appends the status, or the kind of failure
//   compute MS       takes that long, without an effect
//   trap             traps the instance
#pragma once
#include <chrono>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "host-adapters/common/instance.hpp"

namespace lntpay::host::testing {

/// State shared by all instances of a test.
struct Script {
  std::map<std::string, Outcome> wakes;      ///< by shard
  std::map<std::string, std::string> tasks;  ///< bodies by key
  std::vector<std::string> ran;              ///< wakes and tasks in the order of their start
  std::vector<std::uint64_t> abandoned;
  int instances = 0;
  std::uint64_t wait_ms = 60'000;
};

class ScriptedInstance final : public Instance {
 public:
  explicit ScriptedInstance(Script& script) : script_(script) { ++script_.instances; }

  std::expected<Step, Trap> begin(const Moment& at, Input input) override {
    if (const auto* refused = std::get_if<input::Refused>(&input))
      return answer(statuses[static_cast<int>(refused->why)], "refused");
    if (const auto* wake = std::get_if<input::Wake>(&input)) {
      script_.ran.push_back("wake " + wake->shard);
      return script_.wakes[wake->shard];
    }
    Session session;
    if (const auto* http = std::get_if<input::Http>(&input)) session.lines = lines_of(http->request.body);
    if (const auto* task = std::get_if<input::Task>(&input)) {
      script_.ran.push_back("task " + task->key);
      session.lines = lines_of(script_.tasks[task->key]);
    }
    const std::uint64_t number = ++last_;
    return run_next(number, at, std::move(session));
  }

  std::expected<Step, Trap> resume(std::uint64_t number, const Moment& at, std::vector<Reply> replies) override {
    auto session = sessions_.extract(number);
    if (session.empty()) return std::unexpected(Trap{"no such session"});
    for (const Reply& reply : replies) record(session.mapped(), reply);
    return run_next(number, at, std::move(session.mapped()));
  }

  std::expected<void, Trap> abandon(std::uint64_t number) override {
    if (sessions_.erase(number) > 0) script_.abandoned.push_back(number);
    return {};
  }

 private:
  static constexpr std::uint16_t statuses[] = {400, 400, 408, 413, 414, 431, 415, 503, 503, 500};
  struct Session {
    std::vector<std::string> lines;
    std::string text;
    std::optional<Check> waits_for;
  };

  static Outcome answer(std::uint16_t status, std::string body) {
    Outcome outcome;
    outcome.response = Response{status,
                                {{"content-type", "text/plain"}, {"request-id", "req_test"}, {"ratelimit", "\"default\";r=1;t=1"}},
                                std::move(body)};
    return outcome;
  }

  static std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.insert(lines.begin(), line);
    return lines;
  }

  std::expected<Step, Trap> run_next(std::uint64_t number, const Moment& at, Session session) {
    Effect effect = Get{{"nothing"}};
    if (session.waits_for) {
      effect = WaitFor{{*std::exchange(session.waits_for, std::nullopt)}, UnixMillis{at.now.value + script_.wait_ms}};
    } else if (session.lines.empty()) {
      return answer(200, session.text);
    } else {
      std::istringstream line(session.lines.back());
      session.lines.pop_back();
      std::string command;
      std::string key;
      std::string value;
      line >> command >> key >> value;
      if (command == "trap") return std::unexpected(Trap{"by script"});
      if (command == "put") effect = Commit{{}, {Put{key, value}}};
      if (command == "get") effect = Get{{key}};
      if (command == "compute") {
        std::this_thread::sleep_for(std::chrono::milliseconds(std::stoi(key)));
        return run_next(number, at, std::move(session));
      }
      if (command == "fetch") effect = Outgoing{.upstream = "webhook", .method = "GET", .target = key, .timeout_ms = 1'000};
      if (command == "wait") {
        session.waits_for = Check{key, std::nullopt};
        effect = Get{{key}};
      }
    }
    sessions_[number] = std::move(session);
    return Ask{number, {std::move(effect)}};
  }

  static void record(Session& session, const Reply& reply) {
    const auto* entries = std::get_if<Entries>(&reply);
    if (entries != nullptr && session.waits_for) {
      if (entries->entries[0]) session.waits_for->version = entries->entries[0]->version;
      return;
    }
    session.text += session.text.empty() ? "" : " ";
    if (entries != nullptr) session.text += entries->entries[0] ? entries->entries[0]->value : "none";
    if (std::holds_alternative<Committed>(reply)) session.text += "committed";
    if (std::holds_alternative<Conflict>(reply)) session.text += "conflict";
    if (std::holds_alternative<Failed>(reply)) session.text += "failed";
    if (std::holds_alternative<Woken>(reply)) session.text += "woken";
    if (std::holds_alternative<NotSent>(reply)) session.text += "not-sent";
    if (std::holds_alternative<NoAnswer>(reply)) session.text += "no-answer";
    if (std::holds_alternative<NotTried>(reply)) session.text += "not-tried";
    if (const auto* answered = std::get_if<Answered>(&reply)) session.text += std::to_string(answered->response.status);
  }

  Script& script_;
  std::map<std::uint64_t, Session> sessions_;
  std::uint64_t last_ = 0;
};

inline MakeInstance scripted_instances(Script& script) {
  return
      [&script]() -> std::expected<std::unique_ptr<Instance>, std::string> { return std::make_unique<ScriptedInstance>(script); };
}

inline Input scripted(std::string body) { return input::Http{{"POST", "/", {}, std::move(body), "127.0.0.1"}}; }

}  // namespace lntpay::host::testing
