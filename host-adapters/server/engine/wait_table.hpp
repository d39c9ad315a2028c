// Sessions that wait for a row to change or for a time.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/base/units.hpp"

namespace lntpay::host {

/// One wait: the session and which of its effects.
struct Waiter {
  std::uint64_t session = 0;
  std::size_t effect = 0;
  std::uint32_t run = 0;  ///< a session that was restarted is in its second
  bool operator==(const Waiter&) const = default;
  auto operator<=>(const Waiter&) const = default;
};

/// Each waiter leaves the table once: through `take_written`, `take_due` or `forget`.
class WaitTable {
 public:
  void add(const Waiter& waiter, std::vector<std::string> keys, UnixMillis until);
  /// The waiters for a row that was written.
  std::vector<Waiter> take_written(std::string_view key);
  /// The waiters whose time has passed.
  std::vector<Waiter> take_due(UnixMillis now);
  void forget(std::uint64_t session);
  /// The earliest time of a waiter.
  [[nodiscard]] std::optional<UnixMillis> next() const;
  [[nodiscard]] bool contains(std::uint64_t session) const;
  [[nodiscard]] std::size_t size() const { return waits_.size(); }

 private:
  struct Wait {
    std::vector<std::string> keys;
    UnixMillis until;
  };
  void erase(std::map<Waiter, Wait>::iterator wait);

  std::map<Waiter, Wait> waits_;
  std::unordered_map<std::string, std::set<Waiter>> by_key_;
  std::set<std::pair<UnixMillis, Waiter>> by_time_;
};

}  // namespace lntpay::host
