// The embedded store: one SQLite file with a write-ahead log, one fsync per batch.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "host-adapters/stores/host_store.hpp"
#include "host-adapters/stores/sqlite/checkpointer.hpp"
#include "host-adapters/stores/sqlite/database.hpp"
#include "host-adapters/stores/sqlite/store_mark.hpp"
#include "host-adapters/stores/sqlite/store_standing.hpp"

namespace lntpay::host {

/// A batch is one transaction; `end_batch` returns `durable` when the log is synced (`synchronous=FULL`).
/// No commit returns Unknown, and only the constructor throws.
///
/// Any SQLite error inside a batch ends it: the failed effect and all later ones return Failed with that reason, and the batch ends
/// `lost`. There are no savepoints, so no batch is applied in part, and a batch without errors costs nothing extra.
///
/// A failed COMMIT may still have written its frames into the log, where recovery after a crash would find them complete. So the
/// next transaction is one of our own that replaces them; no effect is performed before it is durable.
///
/// The log is copied into the file by another thread (checkpointer.hpp); errors of that are reported and lose no batch.
///
/// Each batch that writes has a number, stored in its own transaction. Once it is durable the number goes to the mark's file
/// (`SqliteOptions::mark`), and a store that is behind its mark, or is not the store that it describes, is refused,
/// with file and log unchanged, unless it is opened to be accepted. A mark that cannot be written is reported; the batch is durable
/// nevertheless.
class SqliteStore final : public Store {
 public:
  /// Throws std::runtime_error: see open_database and read_mark, and where the store is not at its mark.
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

  /// How the store was found at its opening.
  [[nodiscard]] const StoreFound& found() const { return found_; }

  /// Opened to be accepted: makes the mark that of this store, from its last durable batch on. Throws std::runtime_error.
  void accept();

 private:
  void expect_mark(const SqliteOptions& options) const;
  void add_opening(const std::string& owner);  ///< the owner to record, or ""
  [[nodiscard]] StoreMark mark() const { return {batch_, digest_, owner_}; }
  void write_mark();
  [[nodiscard]] std::optional<std::string> not_ready() const;
  Failed poison();
  [[nodiscard]] std::optional<bool> holds(const Check& check);
  [[nodiscard]] bool apply(const Op& op);
  [[nodiscard]] std::optional<std::uint64_t> new_version();
  void roll_back();
  [[nodiscard]] std::optional<std::string> replace_lost_frames();  ///< the error, if any

  OpenedDatabase opened_;
  Statement begin_, commit_, rollback_, find_, version_, ascend_, descend_, put_, delete_, reserve_, count_lost_, number_;

  std::string path_, mark_path_;
  std::function<void(const std::string&)> report_;
  StoreFound found_;
  std::optional<MarkFile> mark_;
  Bytes32 digest_{};         // of this opening
  Bytes32 owner_{};          // of the secrets
  std::uint64_t batch_ = 0;  // the last durable batch that wrote
  bool mark_failed_ = false;

  bool open_ = false;
  bool wrote_ = false;                  // in the open batch
  std::optional<std::string> trouble_;  // the error that ended the open batch
  bool lost_frames_ = false;            // a failed COMMIT may have left its frames in the log

  // Versions come from blocks, each reserved in the batch that first uses it; a new process starts after the last block.
  std::uint64_t next_version_ = 1;      // never decreases, not even when a batch is lost
  std::uint64_t reserved_ = 0;          // versions up to this one are reserved in the open batch
  std::uint64_t reserved_durably_ = 0;  // and durably

  std::optional<Checkpointer> checkpointer_;  // destroyed first: the last connection that closes copies the log
};

}  // namespace lntpay::host
