// Reading and writing rows: the store as operations see it.
//
// An operation reads, decides, and commits once. Every commit checks the rows that it read (`keep`, `replace`, `create`); if one of
// them has changed, nothing is written and `commit` fails with `conflict`: run the operation again from its first read (`retry`,
// below). A commit with an unknown outcome fails the same way, unless its proof is found (`create_final`), so an operation that
// runs again must recognise its own result. A commit touches one shard; its rows are all durable or all volatile.
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

/// The record of a row. Fails as `damaged_row` if the row is not a T.
template <class T>
Result<T> from_row(const Entry& row) {
  auto record = from_row<T>(std::string_view(row.value));
  if (!record) return damaged_row(row.key);
  return record;
}

/// A record as it was read, with the row for a later `replace`.
template <class T>
struct Stored {
  T record;
  Entry entry;
};

/// Rows by key and ranges that were read together.
struct RowsAndRanges {
  std::vector<std::optional<Entry>> rows;
  std::vector<std::vector<Entry>> ranges;
};

template <class T>
class Loading;

class Store {
 public:
  explicit Store(Seam& seam) : seam_(seam) {}

  /// All fail with storage_unavailable when the store fails.
  Task<Result<std::optional<Entry>>> get(std::string key) const;
  Task<Result<std::vector<std::optional<Entry>>>> get_all(std::vector<std::string> keys) const;
  /// As `get_all`, but a row that is damaged (`unreadable_row`) fails alone. Fails with storage_unavailable when no row can be
  /// read, or the store fails.
  Task<Result<std::vector<Result<std::optional<Entry>>>>> get_each(std::vector<std::string> keys) const;
  Task<Result<std::vector<Entry>>> scan(Range range) const;
  /// As `get_all` and `scan`, in one exchange with the host.
  Task<Result<RowsAndRanges>> read(std::vector<std::string> keys, std::vector<Range> ranges) const;
  /// Fails with conflict (run again) or storage_unavailable: nothing was written, except perhaps after an unknown outcome. Fails
  /// with internal_error when the rows are in two shards.
  Task<Result<>> commit(WriteBatch batch) const;

  /// Must be awaited immediately. Yields a `std::optional<Stored<T>>`, nullopt if there is no such row; fails as `damaged_row` if
  /// the row is not a T.
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

/// The awaiter of `load`. One coroutine reads records of all types into it: one per type made the component 6 KB larger,
/// compressed.
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

/// Runs a `Task<Result<T>>()` until it does not end with `conflict`, at most 64 times; then fails with overloaded. Each run reads
/// again from the start and must not repeat an external effect.
template <class Operation>
std::invoke_result_t<Operation&> retry(Operation operation) {
  constexpr int attempts_max = 64;
  for (int i = 0; i < attempts_max; ++i) {
    auto result = co_await attempt(operation());
    if (result || result.error().code != ErrorCode::conflict) co_return result;
  }
  co_return fail(ErrorCode::overloaded);
}

/// 20 digits, for keys: byte order is numeric order.
std::string padded(std::uint64_t number);

}  // namespace lntpay
