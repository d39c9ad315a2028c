// Copies the write-ahead log into the file while the store goes on committing: a thread with a connection of its own.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "host-adapters/stores/sqlite/checkpoint_plan.hpp"
#include "host-adapters/stores/sqlite/database.hpp"

namespace lntpay::host {

/// Its calls are the store's, on the store's thread.
///
/// A pass is a PASSIVE checkpoint, which waits for nobody, followed by a sync of the file: SQLite syncs the file only after a pass
/// that found nothing appended meanwhile. So the rest that the store copies before a batch is small to write and to sync. A log is
/// reset only when SQLite has copied all of it and synced the file.
///
/// A failed pass is reported and made again (CheckpointPlan); until then everything is in the log.
class Checkpointer {
 public:
  /// `store`: the connection that commits. Throws std::runtime_error where no second one can be opened.
  Checkpointer(sqlite3* store, const std::string& path, const SqliteOptions& options);
  /// Waits for the pass in progress.
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  /// Before a batch is opened: copies the rest of the log if that is due, and waits where the log is at its bound.
  void before_batch();
  /// After a batch is durable: starts a pass if one is due.
  void after_batch();

 private:
  struct Pass {
    std::optional<std::uint32_t> copied;  ///< nullopt: the locks were taken, or it failed
    std::string failure;                  ///< "": it did not
  };

  static int on_commit(void* self, sqlite3* db, const char* name, int log_pages);
  /// One checkpoint over a connection.
  static Pass copy(sqlite3* db);
  /// A pass over the connection of the thread.
  Pass pass();
  void start();
  /// Takes the result of the pass that was started, if there is one. False while it is in progress, unless it waits.
  bool collect(bool waits);
  void take(const Pass& made);
  void run();

  sqlite3* store_;
  std::string path_;
  std::function<void(const std::string&)> report_;
  Database db_;
  CheckpointPlan plan_;
  std::uint32_t log_pages_ = 0;
  bool is_started_ = false;  ///< a pass was started, and its result not taken

  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_asked_ = false;      ///< a pass
  std::optional<Pass> ended_;  ///< its result
  bool is_stopping_ = false;
  std::thread thread_;  ///< none: passes are made by `start`
};

}  // namespace lntpay::host
