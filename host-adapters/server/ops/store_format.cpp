// One row, read before anything else is.
#include "host-adapters/server/ops/store_format.hpp"

#include <variant>

#include "core/storage/rows_format.hpp"

namespace lntpay::host {
namespace {

std::unexpected<std::string> refused(const std::string& where, const std::string& format) {
  return std::unexpected("the data in " + where + " was written by another version of LNTPay (" + format + ", and this one reads " +
                         std::to_string(rows_format) + "): serve it with that version, or name another folder with --data");
}

std::expected<void, std::string> look(Store& store, const std::string& where) {
  const std::string key(rows_format_key);
  const auto read = store.get({{key}});
  // Every workspace's shard is listed there: a store without such a row holds nothing yet.
  const auto listed = store.scan({.prefix = "00/", .after = {}, .limit = 1});
  const auto* found = std::get_if<Entries>(&read);
  const auto* rows = std::get_if<Scanned>(&listed);
  if (found == nullptr || rows == nullptr) return std::unexpected(where + " cannot be read");
  if (const auto& entry = found->entries.front()) {
    if (entry->value == std::to_string(rows_format)) return {};
    return refused(where, "its rows have format " + entry->value);
  }
  if (!rows->entries.empty()) return refused(where, "its rows are older than the first that has a number");
  const auto written = store.commit({.checks = {{key, std::nullopt}}, .ops = {Put{key, std::to_string(rows_format)}}});
  if (!std::holds_alternative<Committed>(written)) return std::unexpected(where + " cannot be written");
  return {};
}

}  // namespace

std::expected<void, std::string> expect_rows_format(Store& store, const std::string& where) {
  store.begin_batch();
  auto looked = look(store, where);
  if (store.end_batch() == Store::BatchEnd::lost && looked) return std::unexpected(where + " cannot be written");
  return looked;
}

}  // namespace lntpay::host
