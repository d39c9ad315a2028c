// Writes go to the table at once; a lost batch is undone in reverse order.
#include "host-adapters/stores/memory/memory_store.hpp"

#include <ranges>

#include "host-adapters/stores/rules/store_limits.hpp"

namespace lntpay::host {

void MemoryStore::begin_batch() { open_ = true; }

Reply MemoryStore::get(const Get& asked) {
  if (!open_) return Failed{no_batch};
  if (auto why = refusal(asked)) return Failed{*std::move(why)};
  Entries found;
  found.entries.reserve(asked.keys.size());
  for (const auto& key : asked.keys) found.entries.push_back(table_.find(key));
  return found;
}

Reply MemoryStore::scan(const Range& asked) {
  if (!open_) return Failed{no_batch};
  if (auto why = refusal(asked)) return Failed{*std::move(why)};
  return Scanned{table_.scan(asked)};
}

Reply MemoryStore::commit(const Commit& asked) {
  if (!open_) return Failed{no_batch};
  if (auto why = refusal(asked)) return Failed{*std::move(why)};
  if (!table_.hold(asked.checks)) return Conflict{};
  const auto unknown = std::exchange(unknown_, std::nullopt);
  if (!unknown || *unknown) {
    for (const auto& op : asked.ops) former_.emplace_back(key_of(op), table_.apply(op));
  }
  if (unknown) return Unknown{"the outcome was withheld"};
  return Committed{};
}

Store::BatchEnd MemoryStore::end_batch() {
  open_ = false;
  const auto lost = std::exchange(lose_, false);
  if (lost) {
    for (auto& [key, row] : former_ | std::views::reverse) table_.restore(key, std::move(row));
  }
  former_.clear();
  return lost ? BatchEnd::lost : BatchEnd::durable;
}

}  // namespace lntpay::host
