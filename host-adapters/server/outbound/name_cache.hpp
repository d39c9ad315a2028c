// Results of lookups, for a short time and a bounded number of names.
#pragma once
#include <chrono>
#include <cstddef>
#include <string>
#include <unordered_map>

#include "host-adapters/server/outbound/resolver.hpp"

namespace lntpay::host {

class NameCache {
 public:
  using Clock = std::chrono::steady_clock;

  explicit NameCache(std::size_t names_max) : names_max_(names_max) {}

  /// Null when the name is absent or has expired. Valid until the next `put`.
  [[nodiscard]] const Resolved* find(const std::string& name, Clock::time_point now) const;
  /// When the cache is full, removes expired names, or any other one.
  void put(const std::string& name, Resolved resolved, Clock::time_point expires, Clock::time_point now);
  [[nodiscard]] std::size_t size() const { return names_.size(); }

 private:
  struct Kept {
    Resolved resolved;
    Clock::time_point expires;
  };

  std::size_t names_max_;
  std::unordered_map<std::string, Kept> names_;
};

}  // namespace lntpay::host
