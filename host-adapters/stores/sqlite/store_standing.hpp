// A SQLite store compared with its high-water mark, by reading only.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "host-adapters/stores/sqlite/store_mark.hpp"

struct sqlite3;

namespace lntpay::host {

/// How a store was found at its opening.
struct StoreFound {
  std::uint64_t batch = 0;  ///< the last one that is in it
  std::string owner;        ///< fingerprint of the secrets that it was written with; "": none is recorded
  std::vector<Opening> openings;
  MarkState mark_state = MarkState::missing;
  StoreMark mark;                         ///< where it is readable
  Standing standing = Standing::current;  ///< to a readable mark

  /// Whether its mark shows nothing against it: it is served.
  [[nodiscard]] bool is_at_mark() const;
};

/// `mark_path`: "" where no mark is kept. `owner`: for a store that has recorded none. Throws std::runtime_error.
StoreFound find_store(sqlite3* db, const std::string& mark_path, const std::string& owner = {});

/// What is wrong with a store that is not at its mark, and what to do: a message for the operator without "store PATH: ".
std::string standing_text(const StoreFound& found, const std::string& mark_path);
std::string refusal_text(const StoreFound& found, const std::string& database, const std::string& mark_path);

/// Why a store that is at its mark is not accepted as one that was set back.
std::string agreement_text(const StoreFound& found, const std::string& database, const std::string& mark_path);

}  // namespace lntpay::host
