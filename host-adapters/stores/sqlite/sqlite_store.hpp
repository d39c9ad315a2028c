// The embedded store: one SQLite file with a write-ahead log, one fsync per batch.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "host-adapters/stores/host_store.hpp"
#include "host-adapters/stores/sqlite/database.hpp"

namespace lntpay::host {

/// A batch is one transaction; `end_batch` returns `durable` when the log is synced (`synchronous=FULL`).
/// No commit returns Unknown, and only the constructor throws.
///
/// Any SQLite error inside a batch ends it: the failed effect and all later ones return Failed with that reason, and the batch ends
/// `lost`. There are no savepoints, so no batch is applied in part, and a batch without errors costs nothing extra.
///
/// A failed COMMIT may still have written its frames into the log, where recovery after a crash would find them complete. So the
/// next transaction is one of our own that replaces them; no effect is performed before it is durable.
class SqliteStore final : public Store {
 public:
  /// Throws std::runtime_error, see open_database.
  explicit SqliteStore(const std::string& path, const SqliteOptions& options = {});
  /// Checkpoints the log and closes the file. An open batch is lost.
  ~SqliteStore() override;

  void begin_batch() override;
  Reply get(const Get& asked) override;
  Reply scan(const Range& asked) override;
  Reply commit(const Commit& asked) override;
  BatchEnd end_batch() override;

  /// Whether the last process did not close the file; its integrity check has passed.
  [[nodiscard]] bool recovered() const { return opened_.recovered; }

 private:
  [[nodiscard]] std::optional<std::string> not_ready() const;
  Failed poison();
  [[nodiscard]] std::optional<bool> holds(const Check& check);
  [[nodiscard]] bool apply(const Op& op);
  [[nodiscard]] std::optional<std::uint64_t> new_version();
  void roll_back();
  [[nodiscard]] std::optional<std::string> replace_lost_frames();  ///< the error, if any

  OpenedDatabase opened_;
  Statement begin_, commit_, rollback_, find_, version_, ascend_, descend_, put_, delete_, reserve_, count_lost_;

  bool open_ = false;
  std::optional<std::string> trouble_;  // the error that ended the open batch
  bool lost_frames_ = false;            // a failed COMMIT may have left its frames in the log

  // Versions come from blocks, each reserved in the batch that first uses it; a new process starts after the last block.
  std::uint64_t next_version_ = 1;      // never decreases, not even when a batch is lost
  std::uint64_t reserved_ = 0;          // versions up to this one are reserved in the open batch
  std::uint64_t reserved_durably_ = 0;  // and durably
};

}  // namespace lntpay::host
