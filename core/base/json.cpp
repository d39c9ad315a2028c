// Escapes of JSON strings: RFC 8259, section 7; where that leaves a choice, as in RFC 8785.
#include "core/base/json.hpp"

#include "core/base/encoding.hpp"

namespace lntpay {

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t copied = 0;  // text without escapes is copied in runs
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
    out += text.substr(copied, i - copied);
    copied = i + 1;
    switch (text[i]) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default: out.append("\\u00").append({hex_alphabet[byte >> 4], hex_alphabet[byte & 15]});
    }
  }
  out += text.substr(copied);
  out += '"';
}

}  // namespace lntpay
