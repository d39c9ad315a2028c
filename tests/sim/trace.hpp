// A hash of everything that an engine asked and returned. It is equal for the native engine and the component, or they are
// different programs.
#pragma once
#include <cstdint>
#include <string_view>

#include "edge/engine/contract.hpp"

namespace lntpay::sim {

class Trace {
 public:
  void note(const Step& step);
  [[nodiscard]] std::uint64_t hash() const { return hash_; }

 private:
  void mix(std::uint64_t word);
  void mix(std::string_view text);
  void mix(const Effect& effect);
  void mix(const Outcome& outcome);

  std::uint64_t hash_ = 0xcbf29ce484222325ULL;
};

}  // namespace lntpay::sim
