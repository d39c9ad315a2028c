// Escapes of the row codec, and reports of damaged rows.
#include "core/storage/row.hpp"

#include <algorithm>

#include "core/base/encoding.hpp"

namespace lntpay::row {

void write_text(std::string& out, std::string_view text) {
  std::size_t copied = 0;  // text without escapes is copied in runs
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' && text[i] != '|' && text[i] != '\n') continue;
    out += text.substr(copied, i - copied);
    copied = i + 1;
    switch (text[i]) {
      case '\\': out += "\\\\"; break;
      case '|': out += "\\p"; break;
      default: out += "\\n"; break;
    }
  }
  out += text.substr(copied);
}

bool read_text(std::string_view field, std::string& out) {
  for (out.clear();;) {
    const auto escape = field.find('\\');
    out += field.substr(0, escape);
    if (escape == std::string_view::npos) return true;
    if (escape + 1 == field.size()) return false;
    switch (field[escape + 1]) {
      case '\\': out += '\\'; break;
      case 'p': out += '|'; break;
      case 'n': out += '\n'; break;
      default: return false;
    }
    field.remove_prefix(escape + 2);
  }
}

void write_bytes(std::string& out, ByteView bytes) { out += hex(bytes); }

bool read_bytes(std::string_view field, std::span<std::uint8_t> out) {
  const auto bytes = hex_decode(field);
  if (!bytes || bytes->size() != out.size()) return false;
  std::ranges::copy(*bytes, out.begin());
  return true;
}

std::string_view cut(std::string_view& rest, char separator) {
  const auto at = rest.find(separator);
  const auto field = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view{} : rest.substr(at + 1);
  return field;
}

std::string write_fields(int version, std::span<const FieldOut> fields) {
  auto out = std::to_string(version);
  for (const auto& field : fields) {
    out += '|';
    field.write(out, field.at);
  }
  return out;
}

bool read_fields(std::string_view text, int version, std::span<const FieldIn> fields, std::span<const Earlier> earlier) {
  // A field never contains a separator, so counting separators counts the fields.
  const auto count = static_cast<std::size_t>(std::ranges::count(text, '|'));
  int found = 0;
  if (!read(cut(text), found)) return false;
  bool good = found == version ? count == fields.size() : std::ranges::any_of(earlier, [&](const Earlier& form) {
    return form.version == found && form.fields == count;
  });
  for (const auto& field : fields.first(good ? count : 0)) good = good && field.read(cut(text), field.at);
  return good;
}

}  // namespace lntpay::row

namespace lntpay {

std::string damage_report(std::string_view key) { return std::string(row_damaged).append(key); }

std::unexpected<Error> damaged_row(std::string_view key) { return fail(ErrorCode::storage_unavailable, damage_report(key)); }

bool is_logged(const Error& error) { return info(error.code).status == 500 || error.message.starts_with(row_damaged); }

}  // namespace lntpay
