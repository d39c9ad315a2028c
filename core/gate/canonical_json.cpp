// RFC 8785, based on nlohmann_json's parser.
#include "core/gate/canonical_json.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "core/base/json.hpp"

namespace lntpay {
namespace {

using nlohmann::json;

/// Section 3.2.3. Byte by byte UTF-8 sorts by code points, and differs only above U+FFFF: a surrogate (0xD800 to 0xDFFF) sorts
/// before 0xE000 to 0xFFFF.
bool before(std::string_view a, std::string_view b) {
  const auto [x, y] = std::ranges::mismatch(a, b);
  if (x == a.end() || y == b.end()) return y != b.end();
  const auto [p, q] = std::pair(static_cast<unsigned char>(*x), static_cast<unsigned char>(*y));
  constexpr unsigned char e000 = 0xee, beyond_ffff = 0xf0;  // the first bytes of U+E000 and of U+10000
  if (p >= beyond_ffff && q >= e000 && q < beyond_ffff) return true;
  if (q >= beyond_ffff && p >= e000 && p < beyond_ffff) return false;
  return p < q;
}

/// ECMA-262, Number::toString: the shortest digits that are the same double, and the position of the point.
std::string number(double value) {
  if (value == 0) return "0";
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), std::fabs(value), std::chars_format::scientific).ptr;
  std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  const auto e = text.find('e');
  int exponent = 0;
  const auto* const from = text.data() + e + (text[e + 1] == '+' ? 2 : 1);
  std::from_chars(from, text.data() + text.size(), exponent);
  std::string digits(text.substr(0, e));
  std::erase(digits, '.');
  const auto count = static_cast<int>(digits.size());
  const int point = exponent + 1;  // the value is 0.DIGITS times ten to this
  const std::string sign = value < 0 ? "-" : "";
  constexpr int positional_min = -6, positional_max = 21;
  if (point > positional_max || point <= positional_min) {
    if (count > 1) digits.insert(1, ".");
    return sign + digits + (exponent < 0 ? "e-" : "e+") + std::to_string(std::abs(exponent));
  }
  if (point <= 0) return sign + "0." + std::string(static_cast<std::size_t>(-point), '0') + digits;
  if (point >= count) return sign + digits + std::string(static_cast<std::size_t>(point - count), '0');
  return sign + digits.insert(static_cast<std::size_t>(point), ".");
}

void write(std::string& out, const json& value) {
  if (value.is_object()) {
    std::vector<std::pair<std::string_view, const json*>> members;
    for (const auto& [name, member] : value.items()) members.emplace_back(name, &member);
    std::ranges::sort(members, [](const auto& a, const auto& b) { return before(a.first, b.first); });
    out += '{';
    for (const auto& [name, member] : members) {
      if (out.back() != '{') out += ',';
      append_json_string(out, name);
      out += ':';
      write(out, *member);
    }
    out += '}';
  } else if (value.is_array()) {
    out += '[';
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (i > 0) out += ',';
      write(out, value[i]);
    }
    out += ']';
  } else if (const auto* text = value.get_ptr<const json::string_t*>()) {
    append_json_string(out, *text);
  } else {
    out += value.is_number() ? number(value.get<double>()) : value.dump();
  }
}

}  // namespace

std::optional<std::string> canonical_json(std::string_view text) {
  const auto value = json::parse(text, nullptr, false);
  if (value.is_discarded()) return std::nullopt;
  std::string out;
  write(out, value);
  return out;
}

}  // namespace lntpay
