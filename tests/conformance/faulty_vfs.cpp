// Implements the disk in memory as a SQLite VFS.
#include "tests/conformance/faulty_vfs.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <utility>

namespace lntpay::test {
namespace {

constexpr std::size_t sector = 512;

struct OpenFile {
  sqlite3_file base;
  FaultyDisk* disk;
  const std::string* name;
  FaultyDisk::File* file;
  FaultyDisk::Index* index;  // once it is mapped
  std::uint64_t failures;    // of syncs, as far as this handle knows
  int level;                 // of its lock
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
  using Lock = std::unique_lock<std::mutex>;

  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* out, int flags, int* out_flags);
  static int remove(sqlite3_vfs* vfs, const char* name, int) {
    auto& disk = disk_of(vfs);
    const Lock guard(disk.mutex_);
    if (const auto error = disk.next_call(SQLITE_IOERR_DELETE); error != SQLITE_OK) return error;
    return disk.files_.erase(name) == 1 ? SQLITE_OK : SQLITE_IOERR_DELETE_NOENT;
  }
  static int access(sqlite3_vfs* vfs, const char* name, int, int* there) {
    auto& disk = disk_of(vfs);
    const Lock guard(disk.mutex_);
    const auto at = disk.files_.find(std::string_view{name});
    *there = at != disk.files_.end() && !at->second.now.empty() ? 1 : 0;
    return SQLITE_OK;
  }
  static int close(sqlite3_file* file) { return unlock(file, SQLITE_LOCK_NONE); }
  static int read(sqlite3_file* file, void* to, int size, sqlite3_int64 offset) {
    auto& opened = open_file(file);
    const Lock guard(opened.disk->mutex_);
    if (opened.disk->fail_reads_) return SQLITE_IOERR_READ;
    const auto& now = opened.file->now;
    const auto at = static_cast<std::size_t>(offset);
    const auto wanted = static_cast<std::size_t>(size);
    const auto there = at < now.size() ? std::min(wanted, now.size() - at) : 0;
    std::memset(to, 0, wanted);
    if (there != 0) std::memcpy(to, now.data() + at, there);
    return there == wanted ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
  }
  static int write(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
    auto& opened = open_file(file);
    auto& disk = *opened.disk;
    Lock lock(disk.mutex_);
    disk.wait_while_held(*opened.name, lock);
    auto error = disk.next_call(SQLITE_IOERR_WRITE);
    if (*opened.name == disk.fail_writes_) error = SQLITE_FULL;
    const auto bytes = static_cast<std::size_t>(error == SQLITE_OK ? size : size / 2);
    write_at(*opened.file, static_cast<std::size_t>(offset), {static_cast<const char*>(from), bytes});
    return error;
  }
  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    auto& opened = open_file(file);
    const Lock guard(opened.disk->mutex_);
    if (const auto error = opened.disk->next_call(SQLITE_IOERR_TRUNCATE); error != SQLITE_OK) return error;
    opened.file->now.resize(static_cast<std::size_t>(size));
    return SQLITE_OK;
  }
  static int sync(sqlite3_file* file, int) {
    auto& opened = open_file(file);
    auto& disk = *opened.disk;
    auto& data = *opened.file;
    const Lock guard(disk.mutex_);
    auto error = disk.next_call(SQLITE_IOERR_FSYNC);
    if (disk.fail_sync_ && (disk.fail_sync_->empty() || *disk.fail_sync_ == *opened.name)) {
      error = SQLITE_IOERR_FSYNC;
      disk.fail_sync_.reset();
    }
    if (error != SQLITE_OK) {
      data.unsynced.clear();
      opened.failures = ++data.failures;
      return SQLITE_IOERR_FSYNC;
    }
    data.synced.resize(data.now.size());
    for (const auto s : data.unsynced) copy_sector(data.synced, data.now, s);
    data.unsynced.clear();
    return std::exchange(opened.failures, data.failures) == data.failures ? SQLITE_OK : SQLITE_IOERR_FSYNC;
  }
  static int size(sqlite3_file* file, sqlite3_int64* bytes) {
    auto& opened = open_file(file);
    const Lock guard(opened.disk->mutex_);
    *bytes = static_cast<sqlite3_int64>(opened.file->now.size());
    return SQLITE_OK;
  }

  static int lock(sqlite3_file* file, int level) {
    auto& opened = open_file(file);
    const Lock guard(opened.disk->mutex_);
    auto& data = *opened.file;
    if (level <= opened.level) return SQLITE_OK;
    if (data.is_exclusive) return SQLITE_BUSY;
    if (level == SQLITE_LOCK_EXCLUSIVE && data.lock_holders > 1) return SQLITE_BUSY;
    if (opened.level == SQLITE_LOCK_NONE) ++data.lock_holders;
    data.is_exclusive = level == SQLITE_LOCK_EXCLUSIVE;
    opened.level = level;
    return SQLITE_OK;
  }
  static int unlock(sqlite3_file* file, int level) {
    auto& opened = open_file(file);
    const Lock guard(opened.disk->mutex_);
    if (level >= opened.level) return SQLITE_OK;
    opened.file->is_exclusive = false;
    if (level == SQLITE_LOCK_NONE) --opened.file->lock_holders;
    opened.level = level;
    return SQLITE_OK;
  }
  static int reserved(sqlite3_file*, int* is) {
    *is = 0;
    return SQLITE_OK;
  }
  static int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
  static int sector_size(sqlite3_file*) { return static_cast<int>(sector); }
  // What SQLite assumes of every disk on Linux: a torn write damages no byte outside of what was written.
  static int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

  static int map_index(sqlite3_file* file, int region, int bytes, int extends, void volatile** out) {
    auto& opened = open_file(file);
    const Lock guard(opened.disk->mutex_);
    if (opened.index == nullptr) {
      opened.index = &opened.disk->indexes_[*opened.name];
      ++opened.index->users;
    }
    auto& regions = opened.index->regions;
    const auto at = static_cast<std::size_t>(region);
    *out = nullptr;
    if (at >= regions.size() && extends == 0) return SQLITE_OK;
    while (at >= regions.size())
      regions.push_back(std::make_unique<std::vector<std::uint64_t>>(static_cast<std::size_t>(bytes) / sizeof(std::uint64_t)));
    *out = regions[at]->data();
    return SQLITE_OK;
  }
  static int lock_index(sqlite3_file* file, int first, int count, int flags) {
    auto& opened = open_file(file);
    const Lock guard(opened.disk->mutex_);
    auto& locks = opened.index->locks;
    const auto is_shared = (flags & SQLITE_SHM_SHARED) != 0;
    for (int i = first; i < first + count; ++i) {
      auto& held = locks[static_cast<std::size_t>(i)];
      if ((flags & SQLITE_SHM_UNLOCK) != 0) continue;
      if (is_shared ? held < 0 : held != 0) return SQLITE_BUSY;
    }
    for (int i = first; i < first + count; ++i) {
      auto& held = locks[static_cast<std::size_t>(i)];
      if (is_shared) {
        held += (flags & SQLITE_SHM_UNLOCK) != 0 ? -1 : 1;
      } else {
        held = (flags & SQLITE_SHM_UNLOCK) != 0 ? 0 : -1;
      }
    }
    return SQLITE_OK;
  }
  static void order_index(sqlite3_file* file) { const Lock guard(open_file(file).disk->mutex_); }
  static int unmap_index(sqlite3_file* file, int) {
    auto& opened = open_file(file);
    const Lock guard(opened.disk->mutex_);
    if (opened.index != nullptr && --opened.index->users == 0) opened.disk->indexes_.erase(*opened.name);
    opened.index = nullptr;
    return SQLITE_OK;
  }

  static int full_path(sqlite3_vfs*, const char* name, int size, char* out) {
    sqlite3_snprintf(size, out, "%s", name);
    return SQLITE_OK;
  }
  static int randomness(sqlite3_vfs*, int size, char* out) { return platform()->xRandomness(platform(), size, out); }
  // A connection waits for the other one like this: without sleep it gives up while the thread with the lock does not run.
  static int sleep(sqlite3_vfs*, int us) { return platform()->xSleep(platform(), us); }
  static int now(sqlite3_vfs*, double* day) { return platform()->xCurrentTime(platform(), day); }
  static int last_error(sqlite3_vfs*, int, char*) { return 0; }
};

int FaultyDiskCalls::open(sqlite3_vfs* vfs, const char* name, sqlite3_file* out, int flags, int* out_flags) {
  static const sqlite3_io_methods methods{
      .iVersion = 2,
      .xClose = close,
      .xRead = read,
      .xWrite = write,
      .xTruncate = truncate,
      .xSync = sync,
      .xFileSize = size,
      .xLock = lock,
      .xUnlock = unlock,
      .xCheckReservedLock = reserved,
      .xFileControl = control,
      .xSectorSize = sector_size,
      .xDeviceCharacteristics = characteristics,
      .xShmMap = map_index,
      .xShmLock = lock_index,
      .xShmBarrier = order_index,
      .xShmUnmap = unmap_index,
      .xFetch = nullptr,
      .xUnfetch = nullptr,
  };
  auto& disk = disk_of(vfs);
  auto& file = open_file(out);
  file = {.base = {nullptr}, .disk = &disk, .name = nullptr, .file = nullptr, .index = nullptr, .failures = 0, .level = 0};
  if (!name) return SQLITE_CANTOPEN;  // the store keeps temporary tables in memory
  const Lock guard(disk.mutex_);
  const auto there = disk.files_.find(std::string_view{name});
  if (there == disk.files_.end() && (flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
  const auto at = disk.files_.try_emplace(name).first;
  file.name = &at->first;
  file.file = &at->second;
  file.failures = at->second.failures;
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

void FaultyDisk::wait_while_held(const std::string& file, std::unique_lock<std::mutex>& lock) {
  if (file != held_) return;
  ++waiting_;
  changed_.notify_all();
  changed_.wait(lock, [&] { return file != held_ || let_go_ > 0; });
  --waiting_;
  if (let_go_ > 0) --let_go_;
}

std::uint64_t FaultyDisk::calls() const {
  const std::lock_guard guard(mutex_);
  return calls_;
}

bool FaultyDisk::faulted() const {
  const std::lock_guard guard(mutex_);
  return faulted_;
}

void FaultyDisk::batch(const Fault& fault) {
  const std::lock_guard guard(mutex_);
  fault_ = fault;
}

void FaultyDisk::heal() {
  const std::lock_guard guard(mutex_);
  fault_.reset();
  fail_writes_.clear();
}

void FaultyDisk::fail_next_sync(const std::string& file) {
  const std::lock_guard guard(mutex_);
  fail_sync_ = file;
}

void FaultyDisk::fail_writes(const std::string& file) {
  const std::lock_guard guard(mutex_);
  fail_writes_ = file;
}

void FaultyDisk::fail_reads(bool fail) {
  const std::lock_guard guard(mutex_);
  fail_reads_ = fail;
}

void FaultyDisk::hold_writes(const std::string& file) {
  const std::lock_guard guard(mutex_);
  held_ = file;
}

void FaultyDisk::wait_until_held() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return waiting_ > let_go_; });
}

void FaultyDisk::let_one_go() {
  const std::lock_guard guard(mutex_);
  if (waiting_ > let_go_) ++let_go_;
  changed_.notify_all();
}

void FaultyDisk::release_writes() {
  const std::lock_guard guard(mutex_);
  held_.clear();
  let_go_ = 0;
  changed_.notify_all();
}

std::size_t FaultyDisk::size_of(const std::string& file) const {
  const std::lock_guard guard(mutex_);
  const auto at = files_.find(file);
  return at == files_.end() ? 0 : at->second.now.size();
}

void FaultyDisk::damage(const std::string& file, std::size_t at, std::string_view bytes) { write_at(files_[file], at, bytes); }

std::unique_ptr<FaultyDisk> FaultyDisk::after_kill() const {
  auto other = std::make_unique<FaultyDisk>();
  const std::lock_guard guard(mutex_);
  for (const auto& [name, file] : files_) other->files_[name] = {.now = file.now, .synced = file.synced, .unsynced = file.unsynced};
  return other;
}

std::unique_ptr<FaultyDisk> FaultyDisk::after_power_cut(std::uint64_t seed) const {
  std::mt19937_64 random{seed};
  auto other = std::make_unique<FaultyDisk>();
  const std::lock_guard guard(mutex_);
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
