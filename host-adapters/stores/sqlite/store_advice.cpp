// The header's fields are those of SQLite's file format, section 1.3.
#include "host-adapters/stores/sqlite/store_advice.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "host-adapters/stores/sqlite/disk_error.hpp"

namespace lntpay::host {
namespace {

constexpr std::size_t header_size = 100;
constexpr std::size_t page_size_at = 16;
constexpr std::size_t changes_at = 24;
constexpr std::size_t pages_at = 28;
constexpr std::size_t pages_valid_for_at = 92;
constexpr std::uint64_t largest_page = 65'536;  // written as 1

std::string shell_word(const std::string& text) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+:@%=,";
  if (!text.empty() && text.find_first_not_of(plain) == std::string::npos) return text;
  std::string quoted = "'";
  for (const char each : text) {
    if (each == '\'') {
      quoted += "'\\''";
    } else {
      quoted += each;
    }
  }
  return quoted + "'";
}

std::uint64_t number_at(const std::array<char, header_size>& header, std::size_t at, std::size_t bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = at; i < at + bytes; ++i) number = number << 8U | static_cast<unsigned char>(header.at(i));
  return number;
}

}  // namespace

std::string store_command(const std::string& command, const std::string& database) {
  return "lntpay store " + command + " --data " + shell_word(folder_of(database));
}

std::string accept_command(const std::string& database, const std::string& mark, const std::string& flag) {
  auto command = store_command("accept", database);
  if (!mark.empty() && mark != database + ".mark") command += " --store-mark " + shell_word(mark);
  if (!flag.empty()) command += " " + flag;
  return command + " --evidence TEXT";
}

std::string cut_off_text(sqlite3* db) {
  const auto* name = sqlite3_db_filename(db, "main");
  if (!name) return {};
  std::error_code none;
  // The log of a crash may hold the pages that the file lacks.
  if (const auto log = std::filesystem::file_size(std::string{name} + "-wal", none); !none && log > 0) return {};
  sqlite3_file* file = nullptr;
  sqlite3_int64 size = 0;
  std::array<char, header_size> header{};
  if (sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, static_cast<void*>(&file)) != SQLITE_OK || !file ||
      !file->pMethods)
    return {};
  if (file->pMethods->xFileSize(file, &size) != SQLITE_OK) return {};
  if (file->pMethods->xRead(file, header.data(), header_size, 0) != SQLITE_OK) return {};
  if (!std::string_view(header.data(), header.size()).starts_with("SQLite format 3")) return {};
  if (number_at(header, changes_at, 4) != number_at(header, pages_valid_for_at, 4)) return {};
  auto page = number_at(header, page_size_at, 2);
  if (page == 1) page = largest_page;
  const auto pages = number_at(header, pages_at, 4);
  if (static_cast<std::uint64_t>(size) >= pages * page) return {};
  return "it was cut off: it has " + std::to_string(size) + " bytes, but its header counts " + std::to_string(pages) +
         " pages of " + std::to_string(page);
}

std::string damage_text(sqlite3* db, std::string cause) {
  // integrity_check begins a list of findings with the name of the database.
  constexpr std::string_view title = "*** in database main ***\n";
  if (cause.starts_with(title)) cause.erase(0, title.size());
  std::ranges::replace(cause, '\n', ' ');
  const auto cut = cut_off_text(db);
  return (cut.empty() ? "it is damaged" : cut) + " (" + cause + ")";
}

std::string restore_text(const std::string& database) {
  return "Keep this file and its -wal file. Restore a backup, then run: " + accept_command(database, {}) +
         " (docs/money.md, \"A store that was set back\")";
}

}  // namespace lntpay::host
