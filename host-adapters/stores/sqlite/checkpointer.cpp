// The thread, its passes, and what the store does itself.
#include "host-adapters/stores/sqlite/checkpointer.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <utility>

namespace lntpay::host {
namespace {

sqlite3_file* file_of(sqlite3* db) {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, static_cast<void*>(&file));
  return file;
}

/// Makes the next pass copy the whole log again. The number of copied pages is at byte 96 of the index of the log
/// (sqlite.org/walformat.html), which is in the memory of this process. Recovery sets it to zero as well; a reader then takes from
/// the log what it would have taken from the file.
void forget_copies(sqlite3_file* file) {
  constexpr int region_bytes = 32'768;
  constexpr std::size_t copied_at = 96 / sizeof(std::uint32_t);
  void volatile* index = nullptr;
  if (file->pMethods->xShmMap(file, 0, region_bytes, 0, &index) != SQLITE_OK || index == nullptr) return;
  auto* words = static_cast<std::uint32_t*>(const_cast<void*>(index));
  std::atomic_ref(words[copied_at]).store(0);
}

}  // namespace

Checkpointer::Checkpointer(sqlite3* store, const std::string& path, const SqliteOptions& options)
    : store_(store),
      path_(path),
      report_(options.report),
      db_(open_beside(path, options)),
      plan_(std::max(options.checkpoint_pages, 1U)) {
  sqlite3_wal_hook(store_, &Checkpointer::on_commit, this);
  if (options.checkpoint_thread) thread_ = std::thread([this] { run(); });
}

Checkpointer::~Checkpointer() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  collect(false);
  sqlite3_wal_hook(store_, nullptr, nullptr);
}

int Checkpointer::on_commit(void* self, sqlite3*, const char*, int log_pages) {
  static_cast<Checkpointer*>(self)->log_pages_ = static_cast<std::uint32_t>(log_pages);
  return SQLITE_OK;
}

void Checkpointer::before_batch() {
  if (collect(plan_.is_full()) && plan_.next() == CheckpointPlan::Next::finish) take(copy(store_));
}

void Checkpointer::after_batch() {
  plan_.committed(log_pages_);
  if (collect(false) && plan_.next() == CheckpointPlan::Next::pass) start();
}

Checkpointer::Pass Checkpointer::copy(sqlite3* db) {
  int copied = -1;
  const auto result = sqlite3_wal_checkpoint_v2(db, "main", SQLITE_CHECKPOINT_PASSIVE, nullptr, &copied);
  if (result == SQLITE_OK && copied >= 0) return {.copied = static_cast<std::uint32_t>(copied), .failure = {}};
  if (result == SQLITE_OK || (result & 0xff) == SQLITE_BUSY) return {};
  return {.copied = std::nullopt, .failure = failure_text(db)};
}

/// Where the file cannot be synced, the system may have dropped what was written to it, so everything is copied again.
Checkpointer::Pass Checkpointer::pass() {
  auto made = copy(db_.get());
  if (!made.copied) return made;
  auto* file = file_of(db_.get());
  const auto result = file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
  if (result == SQLITE_OK) return made;
  forget_copies(file);
  return {.copied = std::nullopt, .failure = "its disk failed: the file cannot be synced (SQLite " + std::to_string(result) + ")"};
}

void Checkpointer::start() {
  is_started_ = true;
  if (!thread_.joinable()) {
    ended_ = pass();
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    is_asked_ = true;
  }
  changed_.notify_all();
}

bool Checkpointer::collect(bool waits) {
  if (!is_started_) return true;
  std::unique_lock lock(mutex_);
  if (waits) changed_.wait(lock, [this] { return ended_.has_value(); });
  if (!ended_) return false;
  const auto made = *std::exchange(ended_, std::nullopt);
  lock.unlock();
  is_started_ = false;
  take(made);
  return true;
}

void Checkpointer::take(const Pass& made) {
  if (!made.failure.empty()) {
    plan_.failed();
    if (report_) report_("store " + path_ + ": its write-ahead log was not copied into it: " + made.failure);
  } else if (made.copied) {
    plan_.copied(*made.copied);
  } else {
    plan_.was_busy();
  }
}

void Checkpointer::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return is_stopping_ || is_asked_; });
    if (!is_asked_) return;
    is_asked_ = false;
    lock.unlock();
    auto made = pass();
    lock.lock();
    ended_ = std::move(made);
    changed_.notify_all();
  }
}

}  // namespace lntpay::host
