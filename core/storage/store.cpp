// Reads and commits through the seam.
#include "core/storage/store.hpp"

namespace lntpay {
namespace {

/// The two digits of the shard, after "~" for a volatile row.
std::string_view shard_prefix(std::string_view key) { return key.substr(0, key.starts_with('~') ? 3 : 2); }

bool in_one_shard(const Commit& commit) {
  std::string_view first;
  const auto same = [&](std::string_view key) {
    if (first.empty()) first = shard_prefix(key);
    return shard_prefix(key) == first;
  };
  for (const auto& check : commit.checks) {
    if (!same(check.key)) return false;
  }
  for (const auto& op : commit.ops) {
    if (!same(std::visit([](const auto& each) -> std::string_view { return each.key; }, op))) return false;
  }
  return true;
}

std::unexpected<Error> store_failed(const Reply& reply) {
  const auto* failed = std::get_if<Failed>(&reply);
  return fail(ErrorCode::storage_unavailable, failed != nullptr ? "the store reported: " + failed->reason : std::string{});
}

}  // namespace

std::uint64_t Seam::size_of_rows(const Reply& reply) {
  std::uint64_t size = 0;
  if (const auto* got = std::get_if<Entries>(&reply)) {
    for (const auto& row : got->entries) size += row ? row->value.size() : 0;
  } else if (const auto* scanned = std::get_if<Scanned>(&reply)) {
    for (const auto& row : scanned->entries) size += row.value.size();
  }
  return size;
}

Task<Result<std::optional<Entry>>> Store::get(std::string key) const {
  auto all = co_await get_all({std::move(key)});
  co_return std::move(all.front());
}

Task<Result<>> Store::load_into(std::string key, Parse parse, void* out) const {
  auto entry = co_await get(key);
  if (!entry) co_return {};
  const auto parsed = parse(std::move(*entry), out);
  if (!parsed) co_return damaged_row(key);
  co_return {};
}

Task<Result<std::vector<std::optional<Entry>>>> Store::get_all(std::vector<std::string> keys) const {
  const auto count = keys.size();
  auto replies = co_await seam_.perform(Get{std::move(keys)});
  auto* found = std::get_if<Entries>(&replies.front());
  if (found == nullptr || found->entries.size() != count) co_return store_failed(replies.front());
  co_return std::move(found->entries);
}

Task<Result<std::vector<Result<std::optional<Entry>>>>> Store::get_each(std::vector<std::string> keys) const {
  std::vector<Result<std::optional<Entry>>> each;
  auto all = co_await attempt(get_all(keys));
  if (all) {
    for (auto& row : *all) each.emplace_back(std::move(row));
    co_return std::move(each);
  }
  // One that cannot be read fails the whole reply (host-adapters/server/engine/sessions.cpp), so each gets its own.
  std::vector<Effect> gets;
  for (const auto& key : keys) gets.emplace_back(Get{{key}});
  auto replies = co_await seam_.perform(std::move(gets));
  bool any = false;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    auto* found = std::get_if<Entries>(&replies[i]);
    if (found != nullptr && found->entries.size() == 1) {
      any = true;
      each.emplace_back(std::move(found->entries.front()));
    } else {
      const auto* failed = std::get_if<Failed>(&replies[i]);
      const bool is_damaged = failed != nullptr && failed->reason == unreadable_row;
      if (!is_damaged) co_return store_failed(replies[i]);
      each.emplace_back(damaged_row(keys[i]));
    }
  }
  if (!any) co_return std::unexpected(std::move(all.error()));
  co_return std::move(each);
}

Task<Result<std::vector<Entry>>> Store::scan(Range range) const {
  auto replies = co_await seam_.perform(std::move(range));
  auto* found = std::get_if<Scanned>(&replies.front());
  if (found == nullptr) co_return store_failed(replies.front());
  co_return std::move(found->entries);
}

Task<Result<RowsAndRanges>> Store::read(std::vector<std::string> keys, std::vector<Range> ranges) const {
  const auto count = keys.size();
  std::vector<Effect> effects;
  effects.emplace_back(Get{std::move(keys)});
  for (auto& range : ranges) effects.emplace_back(std::move(range));
  auto replies = co_await seam_.perform(std::move(effects));
  RowsAndRanges read;
  for (auto& reply : replies) {
    if (auto* found = std::get_if<Entries>(&reply); found != nullptr && found->entries.size() == count) {
      read.rows = std::move(found->entries);
    } else if (auto* scanned = std::get_if<Scanned>(&reply)) {
      read.ranges.push_back(std::move(scanned->entries));
    } else {
      co_return store_failed(reply);
    }
  }
  co_return std::move(read);
}

Task<Result<>> Store::commit(WriteBatch batch) const {
  co_await invariant(in_one_shard(batch.commit()), "a commit touches one shard");
  const auto replies = co_await seam_.perform(batch.take_commit());
  const auto& reply = replies.front();
  if (std::holds_alternative<Committed>(reply)) co_return {};
  if (std::holds_alternative<Conflict>(reply)) co_return fail(ErrorCode::conflict);
  if (!std::holds_alternative<Unknown>(reply)) co_return store_failed(reply);
  if (batch.proof()) {
    const auto found = co_await get(batch.proof()->key);
    if (found && found->value == batch.proof()->value) co_return {};
  }
  co_return fail(ErrorCode::conflict);
}

std::string padded(std::uint64_t number) {
  auto digits = std::to_string(number);
  return std::string(20 - digits.size(), '0') + digits;
}

}  // namespace lntpay
