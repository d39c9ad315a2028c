// Reads exports of the ledger: the entries of a CSV or of JSON lines, field by field, as text. Interpretation is left to
// ledger_proof. The engine's own reader is not used, so that a verification depends on the fields alone.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <istream>
#include <optional>
#include <string>

namespace lntpay::host {

/// In the order of the hashed text. The names are in the CSV header and the JSON members.
enum class Column : std::uint8_t {
  version,
  id,
  seq,
  type,
  transfer_id,
  available_change,
  locked_change,
  suspense_change,
  available_after,
  locked_after,
  reference,
  created_at,
  previous_hash,
  hash,
};
inline constexpr std::size_t ledger_columns = 14;

struct ExportedEntry {
  std::array<std::string, ledger_columns> fields;
  std::size_t line = 0;  ///< its first line in the file, from 1

  [[nodiscard]] const std::string& operator[](Column column) const { return fields[static_cast<std::size_t>(column)]; }
  std::string& operator[](Column column) { return fields[static_cast<std::size_t>(column)]; }
};

/// A line that begins with `{` is JSON, any other is CSV. The first line of a CSV may be the exact header.
class ExportReader {
 public:
  /// Stops after `bytes_max` bytes, which must be the end of a line.
  explicit ExportReader(std::istream& in, std::uint64_t bytes_max = UINT64_MAX) : in_(in), bytes_max_(bytes_max) {}

  /// nullopt at the end. The error names the line and what is wrong with it.
  std::expected<std::optional<ExportedEntry>, std::string> next();
  [[nodiscard]] std::uint64_t bytes_read() const { return bytes_; }

 private:
  bool next_line(std::string& line);
  std::expected<ExportedEntry, std::string> csv(std::string line);
  std::expected<ExportedEntry, std::string> json(const std::string& line) const;

  std::istream& in_;
  std::uint64_t bytes_max_;
  std::uint64_t bytes_ = 0;
  std::size_t line_ = 0;
};

}  // namespace lntpay::host
