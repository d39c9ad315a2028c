// A hash of everything that an engine asked and returned. It is equal for the native engine and the component, or they are
// different programs.
#pragma once
#include <cstdint>
#include <string_view>

#include "edge/contract/contract.hpp"

namespace lntpay::sim {

class Trace {
 public:
  /// `wording` false leaves out sentences: two builds that differ in the wording of messages only have equal traces.
  explicit Trace(bool wording = true) : wording_(wording) {}

  void note(const Step& step);
  [[nodiscard]] std::uint64_t hash() const { return hash_; }

 private:
  void mix(std::uint64_t word);
  void mix(std::string_view text);
  void mix(const Effect& effect);
  void mix(const Outcome& outcome);
  void mix_row(std::string_view key, std::string_view value);
  void mix_body(std::string_view body);

  bool wording_ = true;
  std::uint64_t hash_ = 0xcbf29ce484222325ULL;
};

}  // namespace lntpay::sim
