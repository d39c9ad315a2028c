// Generates invoices of any shape from bytes: the same bytes give the same invoice.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/lightning/bolt11/invoice.hpp"

namespace lntpay::fuzz {

/// A sequence of choices. When the bytes are used up, every choice is the first.
class Choices {
 public:
  explicit Choices(ByteView bytes) : left_(bytes) {}

  std::uint64_t number(std::size_t bytes);
  /// In [0, n); n is not 0.
  std::uint64_t below(std::uint64_t n) { return number(n > 256 ? 8 : 1) % n; }
  bool yes() { return below(2) == 1; }
  void fill(std::span<std::uint8_t> out);

 private:
  ByteView left_;
};

struct Generated {
  bolt11::Invoice invoice;
  bool spoilt = false;  // one field cannot be encoded
};

Generated generate(Choices& choices);

}  // namespace lntpay::fuzz
