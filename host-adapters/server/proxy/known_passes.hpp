// Requests that a gate let through a moment ago for what is limited by time alone: for as long as the gate said they pass again
// without its being asked. Each entry is one method, target and credential.
#pragma once
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "edge/engine/contract.hpp"

namespace lntpay::host {

class KnownPasses {
 public:
  using Clock = std::chrono::steady_clock;

  /// What a request is known by: nothing for one without a credential, or with several, which is always asked about.
  static std::optional<std::string> key_of(const Request& request);

  /// The gate's headers for it; null where it has to be asked.
  [[nodiscard]] std::shared_ptr<const std::vector<Header>> find(const std::string& key, Clock::time_point now) const;
  /// Keeps what the gate said, where it said for how long (`lntpay-good-for`).
  void keep(std::string key, std::shared_ptr<const std::vector<Header>> said, Clock::time_point asked_at);

 private:
  struct Known {
    std::string key;
    std::shared_ptr<const std::vector<Header>> headers;
    Clock::time_point until;
  };
  std::unordered_map<std::size_t, Known> known_;  ///< by a hash of the key
};

}  // namespace lntpay::host
