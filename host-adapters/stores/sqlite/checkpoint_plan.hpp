// When the write-ahead log is copied into the file, and by which thread. Pure: numbers of pages in, the next step out.
#pragma once
#include <cstdint>

namespace lntpay::host {

/// A pass copies what is committed when it begins; batches append to the log meanwhile. The log starts at its beginning again only
/// with a batch that begins when all of it is copied. So a few passes beside the batches copy ever smaller rests, and if no gap
/// between batches lets one of them copy everything, the store copies the last rest before its next batch.
class CheckpointPlan {
 public:
  enum class Next : std::uint8_t {
    nothing,
    pass,    ///< beside the batches
    finish,  ///< by the store, before its next batch
  };

  /// `due_pages`: the length of the log from which it is copied.
  explicit CheckpointPlan(std::uint32_t due_pages) : due_pages_(due_pages) {}

  /// After a durable batch: the length of the log. A shorter one than before has started again.
  void committed(std::uint32_t log_pages);
  /// The first `pages` of the log are in the file.
  void copied(std::uint32_t pages);
  /// A pass found SQLite's locks taken for a moment.
  void was_busy() { ++passes_; }
  /// Nothing is copied: the next pass copies everything. It is made when the log has grown by half of `due_pages`.
  void failed();

  /// While no pass is in progress.
  ///
  /// Never a step when the whole log is copied. That is a condition of safety: SQLite before 3.51.3 can lose pages where a
  /// checkpoint of such a log begins while a batch resets it (sqlite.org/wal.html#walresetbug). While a page is not copied, no
  /// batch resets it.
  [[nodiscard]] Next next() const;
  /// Whether the next batch must wait for the pass in progress: batches append faster than it copies.
  [[nodiscard]] bool is_full() const { return log_pages_ >= due_pages_ * full_factor && retry_at_ == 0; }

 private:
  static constexpr std::uint32_t full_factor = 4;
  static constexpr int passes_max = 4;

  std::uint32_t due_pages_;
  std::uint32_t log_pages_ = 0;
  std::uint32_t copied_ = 0;
  std::uint32_t retry_at_ = 0;  ///< after a failure: the length of the log at which the next pass is made
  int passes_ = 0;              ///< since the log started
};

}  // namespace lntpay::host
