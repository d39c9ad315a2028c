// Which ids were seen already, in little memory: 16 bytes of each, in one table without nodes. Ids are SHA-256 sums, so two that
// are not the same differ in those as well: among 10^9 the odds of an exception are 1 in 10^20.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace lntpay::host {

class SeenIds {
 public:
  /// False: it was there.
  bool insert(std::span<const std::uint8_t, 32> id) {
    if (4 * (count_ + 1) > 3 * places_.size()) grow();
    Part part{};
    std::memcpy(part.data(), id.data(), sizeof part);
    if (part == Part{}) part[1] = 1;  // zeros mark a free place
    if (!put(places_, part)) return false;
    ++count_;
    return true;
  }
  [[nodiscard]] std::size_t bytes() const { return places_.size() * sizeof(Part); }

 private:
  using Part = std::array<std::uint64_t, 2>;
  static constexpr std::size_t places_min = 1'024;

  /// The number of places is a power of two.
  static bool put(std::vector<Part>& places, const Part& part) {
    for (auto at = part[0] & (places.size() - 1);; at = (at + 1) & (places.size() - 1)) {
      if (places[at] == part) return false;
      if (places[at] != Part{}) continue;
      places[at] = part;
      return true;
    }
  }
  void grow() {
    std::vector<Part> larger(places_.empty() ? places_min : 2 * places_.size());
    for (const auto& part : places_) {
      if (part != Part{}) put(larger, part);
    }
    places_ = std::move(larger);
  }

  std::vector<Part> places_;
  std::size_t count_ = 0;
};

}  // namespace lntpay::host
