// Converting prefix and `after` to an interval.
#include "host-adapters/stores/rules/key_span.hpp"

#include <algorithm>

namespace lntpay::host {

std::optional<std::string> prefix_end(std::string_view prefix) {
  const auto last = prefix.find_last_not_of('\xff');
  if (last == std::string_view::npos) return std::nullopt;
  std::string end{prefix.substr(0, last + 1)};
  end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

KeySpan span_of(const Range& asked) {
  KeySpan span{asked.prefix, prefix_end(asked.prefix)};
  if (asked.after.empty()) return span;
  if (asked.reverse) {
    span.end = span.end ? std::min(*span.end, asked.after) : asked.after;
  } else {
    // Between a key and the key with U+0000 appended there is no other.
    span.first = std::max(span.first, asked.after + '\0');
  }
  return span;
}

}  // namespace lntpay::host
