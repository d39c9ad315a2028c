// Filling a template in one pass: inserted text is not scanned again.
#include "edge/pages/html.hpp"

#include <algorithm>

namespace lntpay {
namespace {

void escape(std::string& to, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&': to += "&amp;"; break;
      case '<': to += "&lt;"; break;
      case '>': to += "&gt;"; break;
      case '"': to += "&quot;"; break;
      case '\'': to += "&#39;"; break;
      default: to += c;
    }
  }
}

}  // namespace

std::string fill(std::string_view from, const std::vector<Part>& parts) {
  std::string page;
  for (;;) {
    const auto open = from.find("{{");
    page += from.substr(0, open);
    if (open == std::string_view::npos) return page;
    from.remove_prefix(open + 2);
    const auto close = from.find("}}");
    const auto part = std::ranges::find(parts, from.substr(0, close), &Part::name);
    if (part != parts.end() && part->markup) page += part->text;
    if (part != parts.end() && !part->markup) escape(page, part->text);
    if (close == std::string_view::npos) return page;
    from.remove_prefix(close + 2);
  }
}

}  // namespace lntpay
