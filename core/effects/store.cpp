// Rows by way of the seam.
#include "core/effects/store.hpp"

namespace lntpay {
namespace {

/// "~" and the two digits of the shard, or just the digits.
std::string_view territory(std::string_view key) { return key.substr(0, key.starts_with('~') ? 3 : 2); }

bool in_one_shard(const Commit& commit) {
  std::string_view first;
  const auto same = [&](std::string_view key) {
    if (first.empty()) first = territory(key);
    return territory(key) == first;
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
  return fail(ErrorCode::storage_unavailable, failed != nullptr ? "the store said: " + failed->reason : std::string{});
}

}  // namespace

void Plan::create(std::string key, std::string value) {
  keep_absent(key);
  commit_.ops.emplace_back(Put{std::move(key), std::move(value)});
}

void Plan::create_for_good(std::string key, std::string value) {
  if (!proof_) proof_ = Put{key, value};
  create(std::move(key), std::move(value));
}

void Plan::replace(const Entry& read, std::string value) {
  keep(read);
  put(read.key, std::move(value));
}

void Plan::replace_for_good(const Entry& read, std::string value) {
  if (!proof_) proof_ = Put{read.key, value};
  replace(read, std::move(value));
}

void Plan::remove(const Entry& read) {
  keep(read);
  erase(read.key);
}

void Plan::keep(const Entry& read) { commit_.checks.push_back({read.key, read.version}); }
void Plan::keep_absent(std::string key) { commit_.checks.push_back({std::move(key), std::nullopt}); }
void Plan::put(std::string key, std::string value) { commit_.ops.emplace_back(Put{std::move(key), std::move(value)}); }
void Plan::erase(std::string key) { commit_.ops.emplace_back(Delete{std::move(key)}); }

Task<Result<std::optional<Entry>>> Store::get(std::string key) const {
  auto all = co_await get_all({std::move(key)});
  co_return std::move(all.front());
}

Task<Result<>> Store::load_into(std::string key, Parse parse, void* out) const {
  auto entry = co_await get(std::move(key));
  if (!entry) co_return {};
  co_return parse(std::move(*entry), out);
}

Task<Result<std::vector<std::optional<Entry>>>> Store::get_all(std::vector<std::string> keys) const {
  const auto count = keys.size();
  auto replies = co_await seam_.perform(Get{std::move(keys)});
  auto* found = std::get_if<Entries>(&replies.front());
  if (found == nullptr || found->entries.size() != count) co_return store_failed(replies.front());
  co_return std::move(found->entries);
}

Task<Result<std::vector<Entry>>> Store::scan(Range range) const {
  auto replies = co_await seam_.perform(std::move(range));
  auto* found = std::get_if<Scanned>(&replies.front());
  if (found == nullptr) co_return store_failed(replies.front());
  co_return std::move(found->entries);
}

Task<Result<>> Store::commit(Plan plan) const {
  co_await invariant(in_one_shard(plan.commit()), "a commit touches one shard");
  const auto replies = co_await seam_.perform(plan.take_commit());
  const auto& reply = replies.front();
  if (std::holds_alternative<Committed>(reply)) co_return {};
  if (std::holds_alternative<Conflict>(reply)) co_return fail(ErrorCode::conflict);
  if (!std::holds_alternative<Unknown>(reply)) co_return store_failed(reply);
  if (plan.proof()) {
    const auto found = co_await get(plan.proof()->key);
    if (found && found->value == plan.proof()->value) co_return {};
  }
  co_return fail(ErrorCode::conflict);
}

std::string padded(std::uint64_t number) {
  auto digits = std::to_string(number);
  return std::string(20 - digits.size(), '0') + digits;
}

}  // namespace lntpay
