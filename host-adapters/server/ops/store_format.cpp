// The row of the format, read before any other.
#include "host-adapters/server/ops/store_format.hpp"

#include <variant>

#include "core/base/integer.hpp"
#include "core/storage/rows_format.hpp"

namespace lntpay::host {
namespace {

std::unexpected<std::string> refused(const std::string& where, const std::string& format) {
  return std::unexpected("the data in " + where + " was written by another version of LNTPay: " + format +
                         ", and this version reads " + std::to_string(rows_format) +
                         ". Serve it with that version, or choose another folder with --data");
}

std::unexpected<std::string> not_readable(const std::string& where) {
  return std::unexpected(where + " cannot be read. Check the folder's permissions");
}

std::unexpected<std::string> not_writable(const std::string& where) {
  return std::unexpected(where + " cannot be written. Check the folder's permissions and free space");
}

std::expected<void, std::string> check_format(Store& store, const std::string& where) {
  const std::string key(rows_format_key);
  const auto read = store.get({{key}});
  // The list of shards has a row for every workspace: a store without one is empty.
  const auto listed = store.scan({.prefix = "00/", .after = {}, .limit = 1});
  const auto* found = std::get_if<Entries>(&read);
  const auto* rows = std::get_if<Scanned>(&listed);
  if (found == nullptr || rows == nullptr) return not_readable(where);
  const auto& entry = found->entries.front();
  if (entry && !reads_rows_format(entry->value)) return refused(where, "its rows have format " + entry->value);
  if (entry && entry->value == std::to_string(rows_format)) return {};
  if (!entry && !rows->entries.empty()) return refused(where, "its rows have no format number");
  const auto version = entry.transform([](const Entry& present) { return present.version; });
  const auto written = store.commit({.checks = {{key, version}}, .ops = {Put{key, std::to_string(rows_format)}}});
  if (!std::holds_alternative<Committed>(written)) return not_writable(where);
  return {};
}

}  // namespace

bool reads_rows_format(std::string_view format) {
  const auto number = parse_integer<int>(format);
  return number && *number >= rows_format_oldest && *number <= rows_format;
}

std::expected<void, std::string> expect_rows_format(Store& store, const std::string& where) {
  store.begin_batch();
  auto checked = check_format(store, where);
  if (store.end_batch() == Store::BatchEnd::lost && checked) return not_writable(where);
  return checked;
}

std::optional<bool> has_workspaces(Store& store) {
  store.begin_batch();
  const auto listed = store.scan({.prefix = "00/shard/", .after = {}, .limit = 1});
  store.end_batch();
  const auto* rows = std::get_if<Scanned>(&listed);
  if (rows == nullptr) return std::nullopt;
  return !rows->entries.empty();
}

}  // namespace lntpay::host
