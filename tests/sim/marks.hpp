// `sometimes` marks: states so rare that a campaign which never reached one has not tested what it claims to.
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
  /// Those that a full campaign must reach and that were not.
  [[nodiscard]] std::vector<std::string> missing() const;

 private:
  std::map<std::string, std::uint64_t, std::less<>> counts_;
};

}  // namespace lntpay::sim
