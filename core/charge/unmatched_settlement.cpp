// A ring of rows.
#include "core/charge/unmatched_settlement.hpp"

#include <algorithm>

namespace lntpay {
namespace {

constexpr std::string_view unmatched_prefix = "00/node/live/unmatched/";

}  // namespace

std::string unmatched_key(std::uint64_t number) { return std::string(unmatched_prefix) + padded(number % unmatched_kept); }

Task<Result<>> add_unmatched(Context& cx, WriteBatch& batch, std::vector<UnmatchedSettlement> unmatched) {
  if (unmatched.empty()) co_return {};
  const auto stored = co_await cx.store.load<UnmatchedCount>(std::string(unmatched_count_key));
  auto count = stored ? stored->record : UnmatchedCount{};
  for (auto& each : unmatched) {
    each.number = ++count.count;
    batch.put(unmatched_key(each.number), to_row(each));
  }
  batch.replace_or_create(stored ? &stored->entry : nullptr, std::string(unmatched_count_key), to_row(count));
  co_return {};
}

Task<Result<UnmatchedSettlements>> load_unmatched(Context& cx) {
  const auto stored = co_await cx.store.load<UnmatchedCount>(std::string(unmatched_count_key));
  UnmatchedSettlements all{.count = stored ? stored->record.count : 0, .kept = {}};
  for (const auto& row : co_await cx.store.scan({.prefix = std::string(unmatched_prefix), .after = {}}))
    all.kept.push_back(co_await from_row<UnmatchedSettlement>(row));
  std::ranges::sort(all.kept, std::ranges::greater{}, &UnmatchedSettlement::number);
  co_return all;
}

}  // namespace lntpay
