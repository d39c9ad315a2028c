// The keys of a scan as one half-open interval in byte order.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/storage/effect.hpp"

namespace lntpay::host {

/// `first` <= key, and key < `end` where there is one. Empty when `end` <= `first`.
struct KeySpan {
  std::string first;
  std::optional<std::string> end;
  bool operator==(const KeySpan&) const = default;
};

/// The least string greater than every string with this prefix; nullopt where there is none ("" or only 0xff).
std::optional<std::string> prefix_end(std::string_view prefix);

/// The intersection of prefix and `after`, wherever `after` lies. The caller scans it in the range's direction.
KeySpan span_of(const Range& asked);

}  // namespace lntpay::host
