// The host's clock and entropy, which every call to the engine carries.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

#include "core/storage/effect.hpp"

namespace lntpay::host {

/// Fills `size` bytes from the system's random source; aborts the process when that fails.
void fill_random(void* bytes, std::size_t size);

UnixMillis unix_now();

/// Single-threaded. Reads entropy from the system in blocks and returns each word once.
class Moments {
 public:
  Moment next();

 private:
  std::array<std::uint64_t, 512> block_{};
  std::size_t used_ = 512;
};

}  // namespace lntpay::host
