// A disk in memory for SQLite, with injected failures and power cuts that drop unsynced data.
#pragma once
#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3_vfs;

namespace lntpay::test {

/// It is deliberately worse than a file system: a failing write has written its first half; a failing sync has marked
/// everything clean, as on Linux, so that a later sync makes nothing durable that is not written again; other handles of the file
/// learn of the failure by their next sync.
///
/// Connections of one process share a file as in SQLite's unix-excl. Threads may use it at once: a call is one step.
class FaultyDisk {
 public:
  enum class Kind { full, io };
  struct Fault {
    std::uint64_t first = 0;  ///< number of the first failing write call (write, truncate, sync, delete), from 0
    std::uint64_t calls = 1;  ///< number of failing calls from there
    Kind kind = Kind::io;
  };

  FaultyDisk();
  ~FaultyDisk();
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  [[nodiscard]] const std::string& vfs_name() const { return name_; }
  /// Write calls so far, including failed ones.
  [[nodiscard]] std::uint64_t calls() const;
  [[nodiscard]] bool faulted() const;
  void batch(const Fault& fault);
  void heal();
  /// The next sync fails, once; that of a named file only.
  void fail_next_sync(const std::string& file = {});
  /// Every write to this file fails until `heal`.
  void fail_writes(const std::string& file);
  void fail_reads(bool fail);
  /// Writes to this file wait, each until it is let go.
  void hold_writes(const std::string& file);
  void wait_until_held();
  /// Lets the write that waits go, if one does.
  void let_one_go();
  /// Lets all writes go from now on.
  void release_writes();
  [[nodiscard]] std::size_t size_of(const std::string& file) const;
  /// Replaces bytes in a file, as a bad medium would.
  void damage(const std::string& file, std::size_t at, std::string_view bytes);

  /// A disk with the data after a kill of the process: every write.
  [[nodiscard]] std::unique_ptr<FaultyDisk> after_kill() const;
  /// A disk with the data after a power cut: of unsynced data, each sector of 512 bytes and each file's length is the old or
  /// the new one, by the seed.
  [[nodiscard]] std::unique_ptr<FaultyDisk> after_power_cut(std::uint64_t seed) const;

  struct File {
    std::string now;
    std::string synced;
    std::set<std::size_t> unsynced;  // sectors written since they were last synced
    std::uint64_t failures = 0;      // of syncs
    int lock_holders = 0;            // shared and higher
    bool is_exclusive = false;
  };
  /// The index of a log: regions in memory, and SQLite's eight locks. -1: exclusive, else the number that share it.
  struct Index {
    std::vector<std::unique_ptr<std::vector<std::uint64_t>>> regions;
    std::array<int, 8> locks{};
    int users = 0;
  };

 private:
  friend struct FaultyDiskCalls;
  /// Counts a write call; returns its error, or SQLITE_OK.
  int next_call(int io_error);

  void wait_while_held(const std::string& file, std::unique_lock<std::mutex>& lock);

  std::string name_;
  std::unique_ptr<sqlite3_vfs> vfs_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, File, std::less<>> files_;
  std::map<std::string, Index, std::less<>> indexes_;
  std::uint64_t calls_ = 0;
  std::optional<Fault> fault_;
  std::optional<std::string> fail_sync_;  // of a file; "": of any
  std::string fail_writes_;               // of this file
  std::string held_;                      // writes of this file wait
  int waiting_ = 0;
  int let_go_ = 0;
  bool fail_reads_ = false;
  bool faulted_ = false;
};

}  // namespace lntpay::test
