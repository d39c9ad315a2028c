// A capacity that several workspaces share: how much is taken in total, and by each.
#pragma once
#include <algorithm>
#include <cstddef>
#include <string>
#include <unordered_map>

namespace lntpay::host {

/// A workspace takes a place while it holds fewer than a quarter of the free ones, or fewer than `share_min`. Alone it holds a
/// fifth of all at most; each of n that take all they can holds 1/(n+4), until that is less than `share_min`. An empty name is the
/// operator: only the total limits it.
class Shares {
 public:
  static constexpr std::size_t share_min = 8;

  explicit Shares(std::size_t places) : places_(places) {}

  [[nodiscard]] bool is_full() const { return taken_ >= places_; }
  [[nodiscard]] bool has_place_for(const std::string& workspace) const {
    return !is_full() && (workspace.empty() || held_by(workspace) < std::max(share_min, (places_ - taken_) / 4));
  }
  /// Only where there is a place.
  void take(const std::string& workspace) {
    if (!workspace.empty()) ++held_[workspace];
    ++taken_;
  }

  /// Once for each place that was taken.
  void give_back(const std::string& workspace) {
    --taken_;
    const auto held = held_.find(workspace);
    if (held != held_.end() && --held->second == 0) held_.erase(held);
  }

  [[nodiscard]] std::size_t taken() const { return taken_; }
  [[nodiscard]] std::size_t held_by(const std::string& workspace) const {
    const auto held = held_.find(workspace);
    return held == held_.end() ? 0 : held->second;
  }

 private:
  std::size_t places_;
  std::size_t taken_ = 0;
  std::unordered_map<std::string, std::size_t> held_;  ///< only workspaces that hold one
};

}  // namespace lntpay::host
