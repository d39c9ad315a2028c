// The high-water mark of a file store: how far the store has come, in a file of its own. A store that was set back (a restored
// backup, a lost write-ahead log, a rolled-back volume) is consistent in itself and lacks acknowledged batches; only the mark shows
// that.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"

namespace lntpay::host {

/// A batch, and the history that it belongs to.
///
/// The digest does not cover the rows. Only one process at a time has the store open, so two histories can part only where one file
/// is opened twice, such as a backup and its original. Each opening therefore adds a digest to the store: SHA-256 of the previous
/// one, the last batch, and 32 random bytes. The digest of an opening names the history up to it, the batch number a place in it,
/// and a batch costs one number instead of hashing its rows.
struct StoreMark {
  std::uint64_t batch = 0;  ///< the last durable batch that wrote something; 0: none yet
  Bytes32 digest{};         ///< of the opening in which it was written
  Bytes32 owner{};          ///< whose store it is (`owner_digest`); zero: not known
  bool operator==(const StoreMark&) const = default;
};

/// The store was opened after batch `after`; the batches up to the next opening were written in this one.
struct Opening {
  std::uint64_t after = 0;
  Bytes32 digest{};
};

/// A store keeps this many of its last openings.
inline constexpr std::uint64_t openings_kept = 1'000;

/// Of the fingerprint of the secrets that a store is written with; zero for "". Two stores with the same secrets have the same.
Bytes32 owner_digest(std::string_view fingerprint);

/// The digest of the next opening. Throws std::runtime_error where the system has no random bytes.
Bytes32 next_digest(const Bytes32& previous, std::uint64_t after);

enum class Standing : std::uint8_t {
  current,     ///< at the mark or ahead of it, in one history
  unverified,  ///< ahead of the mark, which is older than all openings that the store has kept
  older,       ///< behind the mark: acknowledged batches are missing
  another,     ///< not behind, but the mark's batch is in another history: a copy, or another store
  foreign,     ///< the mark belongs to a store that is written with other secrets
};

/// By number and history, not by owner. `openings` in their order.
Standing standing_of(const StoreMark& mark, std::uint64_t batch, std::span<const Opening> openings);

enum class MarkState : std::uint8_t {
  missing,   ///< no file, or an empty one: its process ended while creating it
  readable,  ///< at least one slot is whole
  damaged,   ///< it was a mark
  foreign,   ///< it never was
};
struct MarkFound {
  MarkState state = MarkState::missing;
  StoreMark mark;
};
/// Throws std::runtime_error where the file cannot be read.
MarkFound read_mark(const std::string& path);

/// The mark's file: two slots of 512 bytes, each a line of text with a checksum, written alternately, so a torn write leaves the
/// other slot. Of two whole slots the one with the greater batch counts.
///
/// A write is not synced: a process that ends leaves it to the system, and a power cut can only leave the mark behind the store,
/// which is served. So that the loss is bounded, the file is synced every ten seconds of writing, at its opening and at its end.
class MarkFile {
 public:
  /// Opens or creates the file (mode 0600) and writes both slots, durably. Throws std::runtime_error.
  MarkFile(const std::string& path, const StoreMark& mark);
  ~MarkFile();
  MarkFile(const MarkFile&) = delete;
  MarkFile& operator=(const MarkFile&) = delete;

  /// Returns an errno, or 0.
  int write(const StoreMark& mark);

 private:
  int write_slot(const StoreMark& mark);

  int file_ = -1;
  unsigned slot_ = 0;  ///< written next
  std::chrono::steady_clock::time_point synced_;
};

/// The text of a slot, padded to its size. For tests and tools.
std::string slot_text(const StoreMark& mark);

}  // namespace lntpay::host
