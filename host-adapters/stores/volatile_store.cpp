// Routing of effects to the volatile table and the durable store.
#include "host-adapters/stores/volatile_store.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>
#include <variant>
#include <vector>

#include "host-adapters/stores/rules/store_limits.hpp"

namespace lntpay::host {
namespace {

std::size_t bytes_of_row(const std::string& key, const std::string& value) { return key.size() + value.size(); }

}  // namespace

VolatileStore::VolatileStore(std::unique_ptr<Store> durable, VolatileLimits limits)
    : durable_{std::move(durable)}, limits_{limits} {}

void VolatileStore::begin_batch() {
  open_ = true;
  version_before_ = table_.version();
  durable_->begin_batch();
}

Reply VolatileStore::get(const Get& asked) {
  if (std::ranges::none_of(asked.keys, is_volatile)) return durable_->get(asked);
  if (!open_) return Failed{no_batch};
  if (auto why = refusal(asked)) return Failed{*std::move(why)};

  Get durable_keys;
  std::ranges::copy_if(asked.keys, std::back_inserter(durable_keys.keys), std::not_fn(is_volatile));
  std::vector<std::optional<Entry>> answered;
  if (!durable_keys.keys.empty()) {
    auto reply = durable_->get(durable_keys);
    auto* entries = std::get_if<Entries>(&reply);
    if (!entries) return reply;
    answered = std::move(entries->entries);
  }
  Entries found;
  found.entries.reserve(asked.keys.size());
  auto next = answered.begin();
  for (const auto& key : asked.keys) found.entries.push_back(is_volatile(key) ? table_.find(key) : std::move(*next++));
  return found;
}

Reply VolatileStore::scan(const Range& asked) {
  if (!asked.prefix.empty() && !is_volatile(asked.prefix)) return durable_->scan(asked);
  if (!open_) return Failed{no_batch};
  if (auto why = refusal(asked)) return Failed{*std::move(why)};
  if (is_volatile(asked.prefix)) return Scanned{table_.scan(asked)};

  auto reply = durable_->scan(asked);
  auto* durable = std::get_if<Scanned>(&reply);
  if (!durable) return reply;
  auto in_memory = table_.scan(asked);
  Scanned both;
  const auto before = [&](const Entry& a, const Entry& b) { return asked.reverse ? a.key > b.key : a.key < b.key; };
  std::ranges::merge(std::make_move_iterator(durable->entries.begin()), std::make_move_iterator(durable->entries.end()),
                     std::make_move_iterator(in_memory.begin()), std::make_move_iterator(in_memory.end()),
                     std::back_inserter(both.entries), before);
  if (both.entries.size() > asked.limit) both.entries.resize(asked.limit);
  return both;
}

Reply VolatileStore::commit(const Commit& asked) {
  const auto is_volatile_commit =
      asked.ops.empty() ? !asked.checks.empty() && is_volatile(asked.checks.front().key) : is_volatile(key_of(asked.ops.front()));
  if (!is_volatile_commit) return durable_->commit(asked);
  if (!open_) return Failed{no_batch};
  if (auto why = refusal(asked)) return Failed{*std::move(why)};
  if (!table_.hold(asked.checks)) return Conflict{};
  for (const auto& op : asked.ops) write(op);
  while (table_.rows().size() > limits_.rows_max || bytes_ > limits_.bytes_max) drop(written_.begin());
  return Committed{};
}

Store::BatchEnd VolatileStore::end_batch() {
  open_ = false;
  const auto end = durable_->end_batch();
  if (end == BatchEnd::lost) {
    for (auto row = written_.upper_bound(version_before_); row != written_.end();) drop(row++);
  }
  return end;
}

void VolatileStore::write(const Op& op) {
  if (const auto former = table_.apply(op)) {
    bytes_ -= bytes_of_row(key_of(op), former->value);
    written_.erase(former->version);
  }
  if (const auto* put = std::get_if<Put>(&op)) {
    bytes_ += bytes_of_row(put->key, put->value);
    written_.emplace(table_.version(), put->key);
  }
}

void VolatileStore::drop(std::map<std::uint64_t, std::string>::iterator row) {
  const std::string key = row->second;
  write(Delete{key});
}

}  // namespace lntpay::host
