// Reading and writing rows: the store as operations see it.
//
// An operation reads, decides, and commits once. Every commit names what it read (`keep`, `replace`, `create`); when any of
// it changed meanwhile nothing is written and `commit` fails with `conflict`: run the operation again from its first read
// (`retry`, below). A commit whose outcome nobody knows ends the same way, unless the rows that it was to create for good are
// found; so an operation must find its own result when it runs again. A commit touches one shard, all rows durable or all volatile.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/storage/effect.hpp"
#include "core/storage/row.hpp"
#include "core/storage/task.hpp"
#include "core/storage/write_batch.hpp"

namespace lntpay {

/// A record as it was read, with what a later `replace` needs.
template <class T>
struct Stored {
  T record;
  Entry entry;
};

template <class T>
class Loading;

class Store {
 public:
  explicit Store(Seam& seam) : seam_(seam) {}

  /// All fail with storage_unavailable when the store does not answer.
  Task<Result<std::optional<Entry>>> get(std::string key) const;
  Task<Result<std::vector<std::optional<Entry>>>> get_all(std::vector<std::string> keys) const;
  Task<Result<std::vector<Entry>>> scan(Range range) const;
  /// Fails with conflict (nothing written, run again), storage_unavailable (nothing written), internal_error (two shards).
  Task<Result<>> commit(WriteBatch batch) const;

  /// To be awaited where it stands: yields a `std::optional<Stored<T>>`, nullopt where there is no such row. A row that is no T
  /// ends the operation with internal_error.
  template <class T>
  Loading<T> load(std::string key) const {
    return {*this, std::move(key)};
  }

 private:
  template <class T>
  friend class Loading;
  using Parse = Result<> (*)(Entry&& entry, void* out);
  Task<Result<>> load_into(std::string key, Parse parse, void* out) const;

  Seam& seam_;
};

/// What `load` is awaited by: the record is read into it by one coroutine, whatever its type. (One for each type made the component
/// 6 KB larger, compressed.)
template <class T>
class [[nodiscard]] Loading : public detail::Child<Result<>, true> {
 public:
  Loading(const Store& store, std::string key) : Child{store.load_into(std::move(key), parse, &found_)} {}
  Loading(const Loading&) = delete;
  Loading& operator=(const Loading&) = delete;
  ~Loading() = default;

  std::optional<Stored<T>> await_resume() { return std::move(found_); }

 private:
  static Result<> parse(Entry&& entry, void* out) {
    return from_row<T>(entry.value).transform([&](T&& record) {
      static_cast<std::optional<Stored<T>>*>(out)->emplace(std::move(record), std::move(entry));
    });
  }
  std::optional<Stored<T>> found_;
};

/// Runs an operation until its commit holds: a `Task<Result<T>>()` that reads anew each time and repeats no outside effect.
template <class Operation>
std::invoke_result_t<Operation&> retry(Operation operation) {
  constexpr int attempts_max = 64;
  for (int i = 0; i < attempts_max; ++i) {
    auto result = co_await attempt(operation());
    if (result || result.error().code != ErrorCode::conflict) co_return result;
  }
  co_return fail(ErrorCode::overloaded);
}

/// "00000000001700000000000": numbers in keys, so that byte order is their order.
std::string padded(std::uint64_t number);

}  // namespace lntpay
