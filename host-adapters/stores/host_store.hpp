// The store behind a resident host: the contract that every adapter keeps and that tests/conformance checks.
#pragma once
#include <string>
#include <variant>

#include "core/storage/effect.hpp"

namespace lntpay::host {

/// Rows by key, with compare-and-commit. Used by one thread. What it accepts: limits.hpp.
///
/// Output-gated group commit: the host opens a batch, performs any number of effects in it (each sees the former), and ends it.
/// Only after `end_batch` returned `durable` may anything that followed from the batch leave the host.
/// Effects outside of a batch are answered Failed. Batches do not nest.
class Store {
 public:
  enum class BatchEnd { durable, lost };

  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  virtual ~Store() = default;

  virtual void begin_batch() = 0;

  /// Answers with Entries, in the order of the keys, or Failed.
  virtual Reply get(const Get& asked) = 0;
  /// Answers with Scanned or Failed.
  virtual Reply scan(const Range& asked) = 0;
  /// Answers with Committed, Conflict, Unknown or Failed. Checks look at the rows before the first operation; operations are
  /// applied in their order. Every put gives its key a version that the key never had.
  /// After an error of the medium every further effect of the batch may be answered Failed, and the batch ends `lost`.
  virtual Reply commit(const Commit& asked) = 0;

  /// `lost`: nothing of the batch was written; the store is at its last durable state and may be used again.
  /// An adapter may need a working medium to be sure of that. It answers no effect before it is, so a lost batch is never seen
  /// to come and go; but a crash before then may bring the whole batch back, so a host must not tell anyone that it did not happen.
  virtual BatchEnd end_batch() = 0;
};

inline constexpr const char* no_batch = "no batch is open";

}  // namespace lntpay::host
