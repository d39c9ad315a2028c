// Implements the disk in memory as a SQLite VFS. One connection at a time, so no locks; WAL without shared memory, so version 1.
#include "tests/conformance/faulty_vfs.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <random>

namespace lntpay::test {
namespace {

constexpr std::size_t sector = 512;

struct OpenFile {
  sqlite3_file base;
  FaultyDisk* disk;
  FaultyDisk::File* file;
};

OpenFile& open_file(sqlite3_file* file) { return *reinterpret_cast<OpenFile*>(file); }
FaultyDisk& disk_of(sqlite3_vfs* vfs) { return *static_cast<FaultyDisk*>(vfs->pAppData); }
sqlite3_vfs* platform() { return sqlite3_vfs_find(nullptr); }

void write_at(FaultyDisk::File& file, std::size_t at, std::string_view bytes) {
  if (bytes.empty()) return;
  if (file.now.size() < at + bytes.size()) file.now.resize(at + bytes.size());
  file.now.replace(at, bytes.size(), bytes);
  for (auto s = at / sector; s <= (at + bytes.size() - 1) / sector; ++s) file.unsynced.insert(s);
}

/// Copies one sector of `from` to `to`, within the length of both.
void copy_sector(std::string& to, const std::string& from, std::size_t number) {
  const auto at = number * sector;
  if (at >= from.size() || at >= to.size()) return;
  const auto size = std::min({sector, from.size() - at, to.size() - at});
  to.replace(at, size, from, at, size);
}

}  // namespace

struct FaultyDiskCalls {
  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* out, int flags, int* out_flags);
  static int remove(sqlite3_vfs* vfs, const char* name, int) {
    auto& disk = disk_of(vfs);
    if (const auto error = disk.next_call(SQLITE_IOERR_DELETE); error != SQLITE_OK) return error;
    return disk.files_.erase(name) == 1 ? SQLITE_OK : SQLITE_IOERR_DELETE_NOENT;
  }
  static int access(sqlite3_vfs* vfs, const char* name, int, int* there) {
    const auto& files = disk_of(vfs).files_;
    const auto at = files.find(std::string_view{name});
    *there = at != files.end() && !at->second.now.empty() ? 1 : 0;
    return SQLITE_OK;
  }
  static int close(sqlite3_file*) { return SQLITE_OK; }
  static int read(sqlite3_file* file, void* to, int size, sqlite3_int64 offset) {
    const auto& [base, disk, data] = open_file(file);
    if (disk->fail_reads_) return SQLITE_IOERR_READ;
    const auto at = static_cast<std::size_t>(offset);
    const auto wanted = static_cast<std::size_t>(size);
    const auto there = at < data->now.size() ? std::min(wanted, data->now.size() - at) : 0;
    std::memset(to, 0, wanted);
    if (there != 0) std::memcpy(to, data->now.data() + at, there);
    return there == wanted ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
  }
  static int write(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
    const auto& [base, disk, data] = open_file(file);
    const auto error = disk->next_call(SQLITE_IOERR_WRITE);
    const auto bytes = static_cast<std::size_t>(error == SQLITE_OK ? size : size / 2);
    write_at(*data, static_cast<std::size_t>(offset), {static_cast<const char*>(from), bytes});
    return error;
  }
  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    const auto& [base, disk, data] = open_file(file);
    if (const auto error = disk->next_call(SQLITE_IOERR_TRUNCATE); error != SQLITE_OK) return error;
    data->now.resize(static_cast<std::size_t>(size));
    return SQLITE_OK;
  }
  static int sync(sqlite3_file* file, int) {
    const auto& [base, disk, data] = open_file(file);
    auto error = disk->next_call(SQLITE_IOERR_FSYNC);
    if (disk->fail_sync_) error = SQLITE_IOERR_FSYNC;
    disk->fail_sync_ = false;
    if (error != SQLITE_OK) {
      data->unsynced.clear();
      return SQLITE_IOERR_FSYNC;
    }
    data->synced.resize(data->now.size());
    for (const auto s : data->unsynced) copy_sector(data->synced, data->now, s);
    data->unsynced.clear();
    return SQLITE_OK;
  }
  static int size(sqlite3_file* file, sqlite3_int64* bytes) {
    *bytes = static_cast<sqlite3_int64>(open_file(file).file->now.size());
    return SQLITE_OK;
  }
  static int lock(sqlite3_file*, int) { return SQLITE_OK; }
  static int reserved(sqlite3_file*, int* is) {
    *is = 0;
    return SQLITE_OK;
  }
  static int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
  static int sector_size(sqlite3_file*) { return static_cast<int>(sector); }
  // What SQLite assumes of every disk on Linux: a torn write damages no byte outside of what was written.
  static int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

  static int full_path(sqlite3_vfs*, const char* name, int size, char* out) {
    sqlite3_snprintf(size, out, "%s", name);
    return SQLITE_OK;
  }
  static int randomness(sqlite3_vfs*, int size, char* out) { return platform()->xRandomness(platform(), size, out); }
  static int sleep(sqlite3_vfs*, int) { return 0; }
  static int now(sqlite3_vfs*, double* day) { return platform()->xCurrentTime(platform(), day); }
  static int last_error(sqlite3_vfs*, int, char*) { return 0; }
};

int FaultyDiskCalls::open(sqlite3_vfs* vfs, const char* name, sqlite3_file* out, int flags, int* out_flags) {
  static const sqlite3_io_methods methods{
      .iVersion = 1,
      .xClose = close,
      .xRead = read,
      .xWrite = write,
      .xTruncate = truncate,
      .xSync = sync,
      .xFileSize = size,
      .xLock = lock,
      .xUnlock = lock,
      .xCheckReservedLock = reserved,
      .xFileControl = control,
      .xSectorSize = sector_size,
      .xDeviceCharacteristics = characteristics,
      .xShmMap = nullptr,
      .xShmLock = nullptr,
      .xShmBarrier = nullptr,
      .xShmUnmap = nullptr,
      .xFetch = nullptr,
      .xUnfetch = nullptr,
  };
  auto& disk = disk_of(vfs);
  auto& file = open_file(out);
  file = {.base = {nullptr}, .disk = &disk, .file = nullptr};
  if (!name) return SQLITE_CANTOPEN;  // the store keeps temporary tables in memory
  const auto there = disk.files_.find(std::string_view{name});
  if (there == disk.files_.end() && (flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
  file.file = &disk.files_[name];
  file.base.pMethods = &methods;
  if (out_flags) *out_flags = flags;
  return SQLITE_OK;
}

FaultyDisk::FaultyDisk() : vfs_{std::make_unique<sqlite3_vfs>()} {
  static int made = 0;
  name_ = "faulty-disk-" + std::to_string(++made);
  vfs_->iVersion = 1;
  vfs_->szOsFile = sizeof(OpenFile);
  vfs_->mxPathname = 512;
  vfs_->zName = name_.c_str();
  vfs_->pAppData = this;
  vfs_->xOpen = FaultyDiskCalls::open;
  vfs_->xDelete = FaultyDiskCalls::remove;
  vfs_->xAccess = FaultyDiskCalls::access;
  vfs_->xFullPathname = FaultyDiskCalls::full_path;
  vfs_->xRandomness = FaultyDiskCalls::randomness;
  vfs_->xSleep = FaultyDiskCalls::sleep;
  vfs_->xCurrentTime = FaultyDiskCalls::now;
  vfs_->xGetLastError = FaultyDiskCalls::last_error;
  sqlite3_vfs_register(vfs_.get(), 0);
}

FaultyDisk::~FaultyDisk() { sqlite3_vfs_unregister(vfs_.get()); }

int FaultyDisk::next_call(int io_error) {
  const auto number = calls_++;
  if (!fault_ || number < fault_->first || number - fault_->first >= fault_->calls) return SQLITE_OK;
  faulted_ = true;
  return fault_->kind == Kind::full ? SQLITE_FULL : io_error;
}

void FaultyDisk::damage(const std::string& file, std::size_t at, std::string_view bytes) { write_at(files_[file], at, bytes); }

std::unique_ptr<FaultyDisk> FaultyDisk::after_kill() const {
  auto other = std::make_unique<FaultyDisk>();
  other->files_ = files_;
  return other;
}

std::unique_ptr<FaultyDisk> FaultyDisk::after_power_cut(std::uint64_t seed) const {
  std::mt19937_64 random{seed};
  auto other = std::make_unique<FaultyDisk>();
  for (const auto& [name, file] : files_) {
    auto found = file.synced;
    if (random() % 2 == 0) found.resize(file.now.size());
    for (const auto s : file.unsynced) {
      if (random() % 2 == 0) copy_sector(found, file.now, s);
    }
    other->files_[name] = {.now = found, .synced = found, .unsynced = {}};
  }
  return other;
}

}  // namespace lntpay::test
