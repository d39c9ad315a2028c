// The interface of a resident host's store: the contract that every adapter keeps and tests/conformance checks.
#pragma once
#include <string>
#include <variant>

#include "core/storage/effect.hpp"

namespace lntpay::host {

/// Rows by key, with compare-and-commit. Single-threaded. Its limits: rules/store_limits.hpp.
///
/// Output-gated group commit: the host opens a batch, performs any number of effects in it (each sees the writes before it), and
/// ends it. Nothing that depends on the batch may leave the host before `end_batch` has returned `durable`.
/// Effects outside a batch return Failed. Batches do not nest.
class Store {
 public:
  enum class BatchEnd { durable, lost };

  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  virtual ~Store() = default;

  virtual void begin_batch() = 0;

  /// Returns Entries, in the order of the keys, or Failed.
  virtual Reply get(const Get& asked) = 0;
  /// Returns Scanned or Failed.
  virtual Reply scan(const Range& asked) = 0;
  /// Returns Committed, Conflict, Unknown or Failed. Checks read the rows before the first operation; operations are applied in
  /// order. Every put gives its key a version that the key has never had.
  /// After an I/O error further effects of the batch may return Failed, and the batch ends `lost`.
  virtual Reply commit(const Commit& asked) = 0;

  /// `lost`: the store is at the state before the batch, and can be used again.
  /// An adapter may need working storage to guarantee that. It performs no effect until then, so a lost batch is never visible and
  /// then gone; but after a crash before that point the whole batch may be present, so a host must not report that it did not
  /// happen.
  virtual BatchEnd end_batch() = 0;
};

inline constexpr const char* no_batch = "no batch is open";

}  // namespace lntpay::host
