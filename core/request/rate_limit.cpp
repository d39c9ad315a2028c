// Rate limits whose state is a row.
#include "core/request/rate_limit.hpp"

namespace lntpay::ratelimit {
namespace {

struct Quota {
  static constexpr int row_version = 1;
  UnixMillis arrival;
  auto fields(this auto& self) { return std::tie(self.arrival); }
};

Task<Result<RateState>> take_once(Context& cx, std::string key, RateLimit limit) {
  const auto entry = co_await cx.store.get(key);
  // A row that cannot be read counts as lost.
  const auto quota = entry ? from_row<Quota>(entry->value).value_or(Quota{}) : Quota{};
  const auto decision = decide(limit, quota.arrival, cx.host_now());
  if (decision.arrival == quota.arrival) co_return decision.state;
  WriteBatch batch;
  batch.replace_or_create(entry ? &*entry : nullptr, std::move(key), to_row(Quota{decision.arrival}));
  co_await cx.store.commit(std::move(batch));
  co_return decision.state;
}

}  // namespace

std::string workspace_rate_key(const TenantScope& tenant) { return "~" + tenant.without_generation().key("rate"); }

std::string client_rate_key(Shard shard, std::string_view client) {
  std::string key("~");
  return key.append(shard.text()).append("/client/").append(client);
}

Task<Result<RateState>> take(Context& cx, std::string key, RateLimit limit) {
  const auto taken = co_await attempt(retry([&] { return take_once(cx, key, limit); }));
  if (taken) co_return *taken;
  co_return RateState{.allowed = true, .remaining = limit.quota, .reset = {}, .retry_after = {}};
}

Error exceeded(const RateState& state) {
  return {.code = ErrorCode::rate_limit_exceeded, .retry_after_s = seconds_up(state.retry_after.value_or(state.reset))};
}

}  // namespace lntpay::ratelimit
