// A cache of passes that are limited by time alone: a request passes again without asking the gate, for as long as the gate
// granted. Each entry is one method, target and credential.
#pragma once
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "edge/contract/contract.hpp"

namespace lntpay::host {

class KnownPasses {
 public:
  using Clock = std::chrono::steady_clock;

  /// The passage of the same request, by the same credential; null: ask the gate.
  [[nodiscard]] std::shared_ptr<const Passage> find(const Request& request, Clock::time_point now) const;
  /// Keeps a passage that the gate granted for a time (`good_for_ms`).
  void keep(const Request& request, std::shared_ptr<const Passage> passage, Clock::time_point asked_at);

 private:
  struct Known {
    std::string key;
    std::shared_ptr<const Passage> passage;
    Clock::time_point until;
  };

  [[nodiscard]] std::optional<std::string> key_of(const Request& request) const;
  bool learn(const std::vector<std::string>& names);

  /// The lines that carried a credential so far. The key has all of them: a request with another credential is another request.
  std::vector<std::string> names_;
  std::unordered_map<std::size_t, Known> known_;  ///< by a hash of the key
};

}  // namespace lntpay::host
