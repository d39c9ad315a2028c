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

  /// The key of a request. None without a credential, or with several: then the gate decides each time.
  static std::optional<std::string> key_of(const Request& request);

  /// The gate's headers for it; null: ask the gate.
  [[nodiscard]] std::shared_ptr<const std::vector<Header>> find(const std::string& key, Clock::time_point now) const;
  /// Keeps the gate's headers if they have a time to live (`lntpay-good-for`).
  void keep(std::string key, std::shared_ptr<const std::vector<Header>> headers, Clock::time_point asked_at);

 private:
  struct Known {
    std::string key;
    std::shared_ptr<const std::vector<Header>> headers;
    Clock::time_point until;
  };
  std::unordered_map<std::size_t, Known> known_;  ///< by a hash of the key
};

}  // namespace lntpay::host
