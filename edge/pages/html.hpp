// Text into HTML, without a way to forget the escaping.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lntpay {

/// What stands for a name. `markup` goes in as it is: it was made by `fill` itself, or is ours.
struct Part {
  std::string_view name;
  std::string_view text;
  bool markup = false;
};

/// The template with each `{{name}}` replaced by its part, escaped for element content and quoted attributes. A name without a part
/// is replaced by nothing.
std::string fill(std::string_view from, const std::vector<Part>& parts);

}  // namespace lntpay
