// HTML templates that escape every inserted text.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lntpay {

/// The value of a name. `markup` is inserted unescaped: it comes from `fill` or from our own sources.
struct Part {
  std::string_view name;
  std::string_view text;
  bool markup = false;
};

/// The template with each `{{name}}` replaced by its part, escaped for element content and quoted attributes. A name without a part
/// is removed.
std::string fill(std::string_view from, const std::vector<Part>& parts);

}  // namespace lntpay
