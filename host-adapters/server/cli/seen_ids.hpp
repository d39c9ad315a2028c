// A compact set of ids: it stores 16 bytes of each, in one open-addressing table. Ids are SHA-256 sums, so a collision of two
// different ids among 10^9 has a probability of 1 in 10^20.
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
  /// False when the set already holds it.
  bool insert(std::span<const std::uint8_t, 32> id) {
    if (4 * (count_ + 1) > 3 * places_.size()) grow();
    Part part{};
    std::memcpy(part.data(), id.data(), sizeof part);
    if (part == Part{}) part[1] = 1;  // zeros mark a free slot
    if (!put(places_, part)) return false;
    ++count_;
    return true;
  }
  [[nodiscard]] std::size_t bytes() const { return places_.size() * sizeof(Part); }

 private:
  using Part = std::array<std::uint64_t, 2>;
  static constexpr std::size_t places_min = 1'024;

  /// The number of slots is a power of two.
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
