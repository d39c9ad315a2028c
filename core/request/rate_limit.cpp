// Rate limits whose state is a row.
#include "core/request/rate_limit.hpp"

#include <algorithm>

namespace lntpay::ratelimit {
namespace {

struct Quota {
  static constexpr int row_version = 1;
  UnixMillis arrival;
  auto fields(this auto& self) { return std::tie(self.arrival); }
};

struct KeyQuota {
  std::string key_id;
  UnixMillis arrival;

  [[nodiscard]] std::string text() const { return key_id + ":" + std::to_string(arrival.value); }
  static std::optional<KeyQuota> parse(std::string_view text) {
    const auto colon = text.find(':');
    KeyQuota quota{.key_id = std::string(text.substr(0, colon)), .arrival = {}};
    if (colon == text.npos || !row::read(text.substr(colon + 1), quota.arrival)) return std::nullopt;
    return quota;
  }
};

struct SharedQuota {
  static constexpr int row_version = 1;
  UnixMillis arrival;
  std::vector<KeyQuota> keys;  ///< those that have used some of their quota
  auto fields(this auto& self) { return std::tie(self.arrival, self.keys); }
};

struct ClassRule {
  std::string_view policy;
  std::string_view row;
  std::uint64_t factor;
};
/// By RateClass.
constexpr ClassRule class_rules[] = {{"default", "rate", 1}, {"gate", "gate_rate", 10}, {"redemption", "redemption_rate", 20}};

const ClassRule& rule_of(RateClass rate_class) { return class_rules[static_cast<std::size_t>(rate_class)]; }

/// Further keys of a workspace are limited by its quota alone.
constexpr std::size_t keys_counted_max = 50;

/// A row that cannot be read counts as lost.
template <class T>
T record_of(const std::optional<Entry>& entry) {
  return entry ? from_row<T>(entry->value).value_or(T{}) : T{};
}

Task<Result<RateState>> take_once(Context& cx, std::string key, RateLimit limit) {
  const auto entry = co_await cx.store.get(key);
  const auto quota = record_of<Quota>(entry);
  const auto decision = decide(limit, quota.arrival, cx.host_now());
  if (decision.arrival == quota.arrival) co_return decision.state;
  WriteBatch batch;
  batch.replace_or_create(entry ? &*entry : nullptr, std::move(key), to_row(Quota{decision.arrival}));
  co_await cx.store.commit(std::move(batch));
  co_return decision.state;
}

Task<Result<SharedState>> take_shared_once(Context& cx, std::string row_key, SharedLimit limit, std::string key_id) {
  const auto entry = co_await cx.store.get(row_key);
  auto quota = record_of<SharedQuota>(entry);
  const auto now = cx.host_now();
  const auto found = std::ranges::find(quota.keys, key_id, &KeyQuota::key_id);
  const auto own = decide(limit.key, found == quota.keys.end() ? UnixMillis{} : found->arrival, now);
  if (!own.state.allowed) co_return SharedState{own.state, limit.key};
  const auto all = decide(limit.workspace, quota.arrival, now);
  if (!all.state.allowed) co_return SharedState{all.state, limit.workspace};
  quota.arrival = all.arrival;
  std::erase_if(quota.keys, [&](const KeyQuota& each) { return each.key_id == key_id || each.arrival <= now; });
  if (quota.keys.size() < keys_counted_max) quota.keys.push_back({std::move(key_id), own.arrival});
  WriteBatch batch;
  batch.replace_or_create(entry ? &*entry : nullptr, std::move(row_key), to_row(quota));
  co_await cx.store.commit(std::move(batch));
  co_return own.state.remaining < all.state.remaining ? SharedState{own.state, limit.key} : SharedState{all.state, limit.workspace};
}

}  // namespace

SharedLimit shared_limit(RateClass rate_class, const RateLimit& standard, std::optional<std::uint32_t> key_quota) {
  const auto factor = rule_of(rate_class).factor;
  const auto scaled = [factor, &standard](std::uint64_t quota) {
    return RateLimit{static_cast<std::uint32_t>(std::min<std::uint64_t>(quota * factor, RateLimit::quota_max)), standard.window_s};
  };
  const std::uint64_t part = std::max<std::uint64_t>(std::uint64_t{standard.quota} * 3 / 4, 1);
  return {.rate_class = rate_class,
          .workspace = scaled(standard.quota),
          .key = scaled(std::min<std::uint64_t>(key_quota.value_or(standard.quota), part))};
}

std::string_view policy_name(RateClass rate_class) { return rule_of(rate_class).policy; }

Task<Result<SharedState>> take_shared(Context& cx, TenantScope tenant, SharedLimit limit, std::string key_id) {
  const auto row_key = "~" + tenant.without_generation().key(rule_of(limit.rate_class).row);
  const auto taken = co_await attempt(retry([&] { return take_shared_once(cx, row_key, limit, key_id); }));
  if (taken) co_return *taken;
  co_return SharedState{{.allowed = true, .remaining = limit.key.quota, .reset = {}, .retry_after = {}}, limit.key};
}

std::string client_rate_key(Shard shard, std::string_view client) {
  std::string key("~");
  return key.append(shard.text()).append("/client/").append(client);
}

std::string auth_rate_key(Shard shard, std::string_view client) {
  std::string key("~");
  return key.append(shard.text()).append("/auth/").append(client);
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
