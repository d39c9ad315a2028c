// A disk in memory for SQLite that fails where it is told to and forgets what was not synced when its power is cut.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

struct sqlite3_vfs;

namespace lntpay::test {

/// What makes it worse than a file system is on purpose: a failing write has written its first half; a failing sync has marked
/// everything clean, as Linux does, so that no later sync makes it durable unless it is written again.
class FaultyDisk {
 public:
  enum class Kind { full, io };
  struct Fault {
    std::uint64_t first = 0;  ///< number of the writing call (write, truncate, sync, delete) that fails, counted from 0 for ever
    std::uint64_t calls = 1;  ///< how many fail from there on
    Kind kind = Kind::io;
  };

  FaultyDisk();
  ~FaultyDisk();
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  [[nodiscard]] const std::string& vfs_name() const { return name_; }
  /// Writing calls so far, failed ones included.
  [[nodiscard]] std::uint64_t calls() const { return calls_; }
  [[nodiscard]] bool faulted() const { return faulted_; }
  void batch(const Fault& fault) { fault_ = fault; }
  void heal() { fault_.reset(); }
  /// The next sync fails, once.
  void fail_next_sync() { fail_sync_ = true; }
  void fail_reads(bool fail) { fail_reads_ = fail; }
  /// Replaces bytes in a file, as a bad medium would.
  void damage(const std::string& file, std::size_t at, std::string_view bytes);

  /// Another disk with what a process finds that starts after this one was killed: every write.
  [[nodiscard]] std::unique_ptr<FaultyDisk> after_kill() const;
  /// What is found after a power cut: of what was not synced, each sector of 512 bytes and each file's length is the old or
  /// the new one, by the seed.
  [[nodiscard]] std::unique_ptr<FaultyDisk> after_power_cut(std::uint64_t seed) const;

  struct File {
    std::string now;
    std::string synced;
    std::set<std::size_t> unsynced;  // sectors written since they were last synced
  };

 private:
  friend struct FaultyDiskCalls;
  /// Counts a writing call; the error that it must return, or SQLITE_OK.
  int next_call(int io_error);

  std::string name_;
  std::unique_ptr<sqlite3_vfs> vfs_;
  std::map<std::string, File, std::less<>> files_;
  std::uint64_t calls_ = 0;
  std::optional<Fault> fault_;
  bool fail_sync_ = false;
  bool fail_reads_ = false;
  bool faulted_ = false;
};

}  // namespace lntpay::test
