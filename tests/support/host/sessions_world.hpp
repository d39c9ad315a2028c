// Sessions over a memory store and scripted instances, without threads.
#pragma once
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "host-adapters/server/engine/sessions.hpp"
#include "host-adapters/stores/memory/memory_store.hpp"
#include "tests/support/host/scripted_instance.hpp"

namespace lntpay::host::testing {

struct SessionsWorld {
  explicit SessionsWorld(Isolation isolation = Isolation::shared, SessionLimits limits = {})
      : sessions(store, scripted_instances(script), isolation, limits, log, metrics) {}

  void begin(Ticket ticket, std::string body) {
    sessions.begin(ticket, scripted(std::move(body)), [this, ticket](Outcome outcome) {
      answers[ticket] = std::to_string(outcome.response->status) + " " + outcome.response->body;
    });
  }
  /// Ends the batch and releases its answers and fetches.
  std::vector<Released::Fetch> end_batch() {
    auto released = sessions.end_batch();
    for (auto& each : released.answers) each.answer(std::move(each.outcome));
    return std::move(released.fetches);
  }
  /// Begins background work until there is none.
  void work() {
    while (sessions.begin_background()) {
    }
    end_batch();
    challenge_wakes += std::erase_if(script.ran, [](const std::string& each) {
      return each.size() == 7 && each != "wake 00" && (each.starts_with("wake 0") || each.starts_with("wake 1"));
    });
  }
  /// Each session that has yielded continues, until none has.
  void take_turns() {
    for (auto yielded = sessions.take_yielded(); !yielded.empty(); yielded = sessions.take_yielded())
      for (const Ticket ticket : yielded) sessions.resume_yielded(ticket);
    end_batch();
  }

  std::size_t challenge_wakes = 0;  ///< of shards that have nothing but challenges; not in `script.ran`
  MemoryStore store;
  Script script;
  Log log{LogLevel::off};
  Metrics metrics;
  Sessions sessions;
  std::map<Ticket, std::string> answers;
};

}  // namespace lntpay::host::testing
