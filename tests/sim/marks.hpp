// `sometimes` marks: rare states that a campaign must reach at least once to be meaningful.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace lntpay::sim {

class Marks {
 public:
  void reach(std::string_view name) {
    const auto found = counts_.find(name);
    if (found != counts_.end()) {
      ++found->second;
    } else {
      counts_.emplace(name, 1);
    }
  }
  void add(std::string_view name, std::uint64_t times) { counts_[std::string(name)] += times; }
  [[nodiscard]] const std::map<std::string, std::uint64_t, std::less<>>& counts() const { return counts_; }
  /// Required marks that were not reached.
  [[nodiscard]] std::vector<std::string> missing() const;

 private:
  std::map<std::string, std::uint64_t, std::less<>> counts_;
};

}  // namespace lntpay::sim
