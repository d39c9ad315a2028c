// Writes an entry as a line of CSV.
#include "core/ledger/ledger_export.hpp"

#include "core/base/encoding.hpp"
#include "core/base/time.hpp"

namespace lntpay {
namespace {

/// In quotes if it contains a separator, a quote or a line break.
std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out.append(c == '"' ? 2 : 1, c);
  return out += '"';
}

}  // namespace

std::string entry_csv(const LedgerEntry& entry) {
  std::string line = std::to_string(LedgerEntry::row_version);
  const auto add = [&line](std::string_view field) { line.append(",").append(field); };
  add(entry.id.text());
  add(std::to_string(entry.seq));
  add(name_of(entry.type));
  add(hex(entry.transfer));
  for (const auto change : {entry.available_msat, entry.locked_msat, entry.suspense_msat}) add(std::to_string(change));
  for (const auto after : {entry.available_after, entry.locked_after}) add(std::to_string(after.value));
  add(quoted(entry.reference));
  add(rfc3339(entry.at));
  add(hex(entry.previous));
  add(hex(entry.hash));
  return line += '\n';
}

}  // namespace lntpay
