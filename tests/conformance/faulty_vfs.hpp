// A disk in memory for SQLite, with injected failures and power cuts that drop unsynced data.
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

/// It is deliberately worse than a file system: a failing write has written its first half; a failing sync has marked
/// everything clean, as on Linux, so that a later sync makes nothing durable that is not written again.
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
  [[nodiscard]] std::uint64_t calls() const { return calls_; }
  [[nodiscard]] bool faulted() const { return faulted_; }
  void batch(const Fault& fault) { fault_ = fault; }
  void heal() { fault_.reset(); }
  /// The next sync fails, once.
  void fail_next_sync() { fail_sync_ = true; }
  void fail_reads(bool fail) { fail_reads_ = fail; }
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
  };

 private:
  friend struct FaultyDiskCalls;
  /// Counts a write call; returns its error, or SQLITE_OK.
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
