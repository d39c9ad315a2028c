// How much a session reads of a list, a ledger or the events before it leaves the rest to the next call. While it reads, no other
// session of its host is served for the time of a page.
#pragma once
#include <algorithm>
#include <cstdint>

#include "core/storage/seam.hpp"

namespace lntpay {

/// Rows of one page: more than the longest page of a list, so that it is one read.
inline constexpr std::uint32_t read_page_rows = 125;
inline constexpr std::uint32_t read_rows_max = 1'000;
inline constexpr std::uint64_t read_bytes_max = 1'000'000;

class ReadBudget {
 public:
  /// Counts the bytes that the session reads from now on.
  explicit ReadBudget(const Seam& seam, std::uint32_t rows = read_rows_max)
      : seam_(seam), bytes_before_(seam.bytes_read()), rows_left_(std::min(rows, read_rows_max)) {}

  /// The rows of the next page; 0: the rows or the bytes are used up. The first page is never 0, so each call makes progress.
  [[nodiscard]] std::uint32_t next_page() const {
    return seam_.bytes_read() - bytes_before_ < read_bytes_max ? std::min(rows_left_, read_page_rows) : 0;
  }
  void count(std::uint64_t rows) { rows_left_ -= static_cast<std::uint32_t>(std::min<std::uint64_t>(rows, rows_left_)); }

 private:
  const Seam& seam_;
  std::uint64_t bytes_before_;
  std::uint32_t rows_left_;
};

}  // namespace lntpay
