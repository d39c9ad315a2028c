// The host's clock and fresh entropy, given to the engine with every call.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

#include "core/storage/effect.hpp"

namespace lntpay::host {

/// Fills `size` bytes from the system's random source; ends the process when there is none.
void fill_random(void* bytes, std::size_t size);

UnixMillis unix_now();

/// Used by one thread. Entropy is drawn from the system in blocks and handed out once.
class Moments {
 public:
  Moment next();

 private:
  std::array<std::uint64_t, 512> block_{};
  std::size_t used_ = 512;
};

}  // namespace lntpay::host
