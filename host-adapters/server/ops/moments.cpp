// Clock and entropy of a Unix system.
#include "host-adapters/server/ops/moments.hpp"

#include <unistd.h>
#if defined(__APPLE__)
#include <sys/random.h>
#endif

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <span>
#include <utility>

namespace lntpay::host {

void fill_random(void* bytes, std::size_t size) {
  auto rest = std::span(static_cast<unsigned char*>(bytes), size);
  while (!rest.empty()) {
    const std::size_t part = std::min<std::size_t>(rest.size(), 256);  // the maximum of one getentropy call
    if (getentropy(rest.data(), part) != 0) std::abort();
    rest = rest.subspan(part);
  }
}

UnixMillis unix_now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return {static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(since).count())};
}

Moment Moments::next() {
  if (used_ == block_.size()) {
    fill_random(block_.data(), sizeof(block_));
    used_ = 0;
  }
  Moment moment{unix_now(), {}};
  for (std::uint64_t& word : moment.entropy) word = std::exchange(block_[used_++], 0);
  return moment;
}

}  // namespace lntpay::host
