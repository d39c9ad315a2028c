// RFC 4180, and JSON lines.
#include "host-adapters/server/cli/ledger_file.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

namespace lntpay::host {
namespace {

constexpr std::array<std::string_view, ledger_columns> column_names{
    "version",
    "id",
    "seq",
    "type",
    "transfer_id",
    "available_change_msat",
    "locked_change_msat",
    "suspense_change_msat",
    "available_after_msat",
    "locked_after_msat",
    "reference",
    "created_at",
    "previous_hash",
    "hash",
};

std::string header() {
  std::string text;
  for (const auto name : column_names) text.append(text.empty() ? "" : ",").append(name);
  return text;
}

bool is_number(std::size_t column) {
  const auto at = static_cast<Column>(column);
  return at == Column::version || at == Column::seq || (at >= Column::available_change && at <= Column::locked_after);
}

std::unexpected<std::string> wrong(std::size_t line, std::string_view why) {
  return std::unexpected("line " + std::to_string(line) + " is not an entry of an export: " + std::string(why));
}

/// Removes the first field, up to its comma, from `rest`; false where a quote is unterminated or misplaced.
bool cut_field(std::string_view& rest, std::string& field) {
  if (!rest.starts_with('"')) {
    const auto end = std::min(rest.find(','), rest.size());
    field = rest.substr(0, end);
    rest.remove_prefix(end);
    return field.find('"') == std::string::npos;
  }
  rest.remove_prefix(1);
  for (;;) {
    const auto quote = rest.find('"');
    if (quote == std::string_view::npos) return false;
    field.append(rest.substr(0, quote));
    rest.remove_prefix(quote + 1);
    if (!rest.starts_with('"')) return rest.empty() || rest.starts_with(',');
    field += '"';
    rest.remove_prefix(1);
  }
}

}  // namespace

bool ExportReader::next_line(std::string& line) {
  if (bytes_ >= bytes_max_ || !std::getline(in_, line)) return false;
  bytes_ += line.size() + 1;
  ++line_;
  return true;
}

std::expected<std::optional<ExportedEntry>, std::string> ExportReader::next() {
  std::string line;
  if (!next_line(line)) {
    if (in_.bad()) return std::unexpected("cannot be read after line " + std::to_string(line_));
    return std::nullopt;
  }
  if (line.starts_with('{')) return json(line);
  if (line_ == 1 && (line == header() || line == header() + "\r")) return next();
  return csv(std::move(line));
}

std::expected<ExportedEntry, std::string> ExportReader::csv(std::string line) {
  ExportedEntry entry{.fields = {}, .line = line_};
  // An odd number of quotes: the line feed is part of a field.
  for (std::string more; std::ranges::count(line, '"') % 2 != 0;) {
    if (!next_line(more)) return wrong(entry.line, "a quote is not closed");
    line.append("\n").append(more);
  }
  if (line.ends_with('\r')) line.pop_back();
  std::string_view rest = line;
  for (std::size_t i = 0; i < ledger_columns; ++i) {
    if (i > 0 && !rest.starts_with(',')) return wrong(entry.line, "it has " + std::to_string(i) + " fields, not 14");
    if (i > 0) rest.remove_prefix(1);
    if (!cut_field(rest, entry.fields[i])) return wrong(entry.line, "a quote is out of place");
  }
  if (!rest.empty()) return wrong(entry.line, "it has more than 14 fields");
  return entry;
}

std::expected<ExportedEntry, std::string> ExportReader::json(const std::string& line) const {
  ExportedEntry entry{.fields = {}, .line = line_};
  const auto object = nlohmann::json::parse(line, nullptr, false);
  if (!object.is_object()) return wrong(line_, "it is not a JSON object");
  for (std::size_t i = 0; i < ledger_columns; ++i) {
    const auto member = object.find(column_names[i]);
    const bool fits = member != object.end() && (is_number(i) ? member->is_number_integer() : member->is_string());
    if (!fits) return wrong(line_, std::string(column_names[i]) + (is_number(i) ? " must be a whole number" : " must be a string"));
    entry.fields[i] = member->is_string() ? member->get<std::string>() : member->dump();
  }
  // A member that is not hashed would not be verified.
  if (object.size() != ledger_columns + 1 || object.value("object", "") != "ledger_entry") {
    return wrong(line_, "its members are not those of a ledger_entry");
  }
  return entry;
}

}  // namespace lntpay::host
