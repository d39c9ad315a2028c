// Exports of the ledger, as files are: the entries of a CSV or of lines of JSON, field by field, as text. What they mean is
// ledger_proof's; so that a proof depends on the fields alone, nothing of the engine's reading of entries is used here.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <istream>
#include <optional>
#include <string>

namespace lntpay::host {

/// In the order of what is hashed; the names are those of the CSV's header and of the members in JSON.
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
inline constexpr std::size_t columns = 14;

struct ExportedEntry {
  std::array<std::string, columns> fields;
  std::size_t line = 0;  ///< where it begins in its file, from 1

  [[nodiscard]] const std::string& operator[](Column column) const { return fields[static_cast<std::size_t>(column)]; }
  std::string& operator[](Column column) { return fields[static_cast<std::size_t>(column)]; }
};

/// CSV where the file does not begin with `{`. A CSV's first line may be the header, exactly, or an entry.
class ExportReader {
 public:
  /// Stops behind so many bytes, which must be the end of a line.
  explicit ExportReader(std::istream& in, std::uint64_t bytes_max = UINT64_MAX) : in_(in), bytes_max_(bytes_max) {}

  /// nullopt at the end. The error says what is wrong with which line.
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
