// The embedded store: one SQLite file, write-ahead log, one fsync a batch.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "host-adapters/stores/host_store.hpp"
#include "host-adapters/stores/sqlite/database.hpp"

namespace lntpay::host {

/// A batch is one transaction; `end_batch` answers `durable` when the log is on the medium (`synchronous=FULL`).
/// No commit is ever Unknown, and nothing throws once the store is open.
///
/// Any error that SQLite reports inside a batch ends it: what failed and whatever follows is answered Failed with that reason, and
/// the batch ends `lost`. No savepoints, hence: there is no half of a batch to reason about, and a healthy batch pays nothing.
///
/// A COMMIT that fails may still have put its frames into the log, where recovery after a crash would find them whole. So the
/// next thing written is a transaction of our own that takes their place; no effect is answered before that one is durable.
class SqliteStore final : public Store {
 public:
  /// Throws std::runtime_error, see open_database.
  explicit SqliteStore(const std::string& path, const SqliteOptions& options = {});
  /// Closes the file cleanly, log included. An open batch is lost.
  ~SqliteStore() override;

  void begin_batch() override;
  Reply get(const Get& asked) override;
  Reply scan(const Range& asked) override;
  Reply commit(const Commit& asked) override;
  BatchEnd end_batch() override;

  /// Whether the process before this one ended without closing the file. It was checked and is sound.
  [[nodiscard]] bool recovered() const { return opened_.recovered; }

 private:
  [[nodiscard]] std::optional<std::string> not_ready() const;
  Failed poison();
  [[nodiscard]] std::optional<bool> holds(const Check& check);
  [[nodiscard]] bool apply(const Op& op);
  [[nodiscard]] std::optional<std::uint64_t> new_version();
  void roll_back();
  [[nodiscard]] std::optional<std::string> replace_lost_frames();  ///< why it could not

  OpenedDatabase opened_;
  Statement begin_, commit_, rollback_, find_, version_, ascend_, descend_, put_, delete_, reserve_, count_lost_;

  bool open_ = false;
  std::optional<std::string> trouble_;  // what ended the open batch
  bool lost_frames_ = false;            // a failed COMMIT may have left its frames in the log

  // Versions come from blocks that are reserved in the batch that first uses them; a new process begins behind the last block.
  std::uint64_t next_version_ = 1;      // never goes back, not even when a batch is lost
  std::uint64_t reserved_ = 0;          // versions below this one are reserved, in the open batch
  std::uint64_t reserved_durably_ = 0;  // and outside of it
};

}  // namespace lntpay::host
