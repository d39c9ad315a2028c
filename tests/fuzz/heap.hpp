// Measures heap allocations, by the sanitizer's count.
#pragma once
#include <sanitizer/allocator_interface.h>

#include <cstddef>

namespace lntpay::fuzz {

class HeapMeter {
 public:
  HeapMeter() : before_(total()) {}
  /// Bytes allocated since the meter was created, including freed ones.
  [[nodiscard]] std::size_t bytes() const { return total() - before_; }

 private:
  static std::size_t& total() {
    static std::size_t bytes = 0;
    static const int installed = __sanitizer_install_malloc_and_free_hooks(
        [](const volatile void*, std::size_t size) { bytes += size; }, [](const volatile void*) {});
    static_cast<void>(installed);
    return bytes;
  }

  std::size_t before_;
};

}  // namespace lntpay::fuzz
