// Writing each line with one call, so that lines of several threads never mix.
#include "host-adapters/server/ops/log.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "core/base/utf8.hpp"
#include "host-adapters/server/ops/moments.hpp"

namespace lntpay::host {
namespace {

constexpr std::array<std::string_view, 5> level_names{"debug", "info", "warn", "error", "off"};

/// As a JSON string, with the control characters of ASCII and of C1 escaped: a terminal obeys them.
void append_text(std::string& line, std::string_view raw) {
  constexpr std::string_view digits = "0123456789abcdef";
  constexpr unsigned char del = 0x7f, lead_of_c1 = 0xc2, c1_end = 0xa0;
  const auto text = replace_ill_formed(raw);
  line += '"';
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto byte = static_cast<unsigned char>(text[i]);
    const bool is_c1 = byte == lead_of_c1 && static_cast<unsigned char>(text[i + 1]) < c1_end;
    if (is_c1) byte = static_cast<unsigned char>(text[++i]);
    if (byte == '"' || byte == '\\') {
      line += '\\';
      line += text[i];
    } else if (byte < ' ' || byte == del || is_c1) {
      line += "\\u00";
      line += digits[byte >> 4];
      line += digits[byte & 15];
    } else {
      line += text[i];
    }
  }
  line += '"';
}

void append(std::string& line, const LogField& field) {
  line += ',';
  append_text(line, field.name);
  line += ':';
  if (const auto* text = std::get_if<std::string_view>(&field.value)) return append_text(line, *text);
  std::array<char, 64> room{};
  const auto* whole = std::get_if<std::int64_t>(&field.value);
  const auto end =
      whole ? std::to_chars(room.data(), room.data() + room.size(), *whole)
            : std::to_chars(room.data(), room.data() + room.size(), std::get<double>(field.value), std::chars_format::fixed, 3);
  line.append(room.data(), end.ptr);
}

/// With `*` in place of any key or secret that a client put into the path.
std::string without_keys(std::string_view path) {
  std::string out(path);
  for (const std::string_view prefix : {"lnt_test_", "lnt_live_", "lnt_operator_", "whsec_"}) {
    for (auto at = out.find(prefix); at != std::string::npos; at = out.find(prefix, at + prefix.size())) {
      const auto from = at + prefix.size();
      // A webhook secret is base64, which may contain slashes.
      const auto end = prefix == "whsec_" ? out.size() : std::min(out.find('/', from), out.size());
      out.replace(from, end - from, "*");
    }
  }
  return out;
}

}  // namespace

std::optional<LogLevel> log_level(std::string_view name) {
  for (std::size_t i = 0; i < level_names.size(); ++i)
    if (level_names[i] == name) return static_cast<LogLevel>(i);
  return std::nullopt;
}

void Log::write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) const {
  if (!enabled(level)) return;
  std::string line = "{\"time_ms\":" + std::to_string(unix_now().value) + ",\"level\":\"";
  line += level_names[static_cast<std::size_t>(level)];
  line += "\",\"event\":";
  append_text(line, event);
  for (const LogField& field : fields) append(line, field);
  line += "}\n";
  [[maybe_unused]] const auto written =
      ::write(descriptor_, line.data(), line.size());  // a full pipe loses the line and blocks no request
}

std::string loggable_path(std::string_view target) {
  const auto path = without_keys(target.substr(0, target.find_first_of("?#")));
  if (path.starts_with("/pay/")) {
    const auto rest = path.find('/', 5);
    return "/pay/*" + (rest == std::string::npos ? "" : path.substr(rest));
  }
  return path.substr(0, 512);
}

}  // namespace lntpay::host
