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
  UnixMillis arrival;       ///< in the key's own quota
  UnixMillis fair_arrival;  ///< in its equal part of the workspace's

  [[nodiscard]] std::string text() const {
    return key_id + ":" + std::to_string(arrival.value) + ":" + std::to_string(fair_arrival.value);
  }
  static std::optional<KeyQuota> parse(std::string_view text) {
    KeyQuota quota{.key_id = std::string(row::cut(text, ':')), .arrival = {}, .fair_arrival = {}};
    const bool good = row::read(row::cut(text, ':'), quota.arrival) && row::read(text, quota.fair_arrival);
    return good ? std::optional(std::move(quota)) : std::nullopt;
  }
};

/// An equal part is counted over a quarter of the window, so that one which was not used is no large burst later.
constexpr std::uint32_t fair_part = 4;

/// The longest time that an arrival is ahead: its whole quota is used up (gcra.cpp; a request takes a millisecond at least).
Millis full(const RateLimit& limit) { return std::max(seconds(std::int64_t{limit.window_s}), Millis{std::int64_t{limit.quota}}); }

struct SharedQuota {
  static constexpr int row_version = 2;
  UnixMillis arrival;          ///< up to twice as far ahead as `full`: equal parts are granted beyond the quota, and repaid
  std::vector<KeyQuota> keys;  ///< those that passed lately
  auto fields(this auto& self) { return std::tie(self.arrival, self.keys); }

  /// An arrival further ahead comes from a clock that has gone back: it would refuse until that time. Whether one did.
  bool cap(UnixMillis now, Millis full) {
    bool capped = false;
    const auto cap_one = [&](UnixMillis& each, Millis ahead_max) {
      if (each <= now + ahead_max) return;
      each = now + ahead_max;
      capped = true;
    };
    cap_one(arrival, full * 2);
    for (auto& key : keys) {
      cap_one(key.arrival, full);
      cap_one(key.fair_arrival, full);
    }
    return capped;
  }
  /// Forgets the keys that have not passed for so long.
  void forget(UnixMillis now, Millis unused) {
    std::erase_if(keys, [&](const KeyQuota& each) { return each.arrival <= now && each.fair_arrival + unused <= now; });
  }
};

struct ClassRule {
  std::string_view policy;
  std::string_view row;
  std::uint64_t factor;
};
/// By RateClass.
constexpr ClassRule class_rules[] = {
    {"default", "rate", 1}, {"gate", "gate_rate", 10}, {"redemption", "redemption_rate", 20}, {"stream", "stream_rate", 10}};

const ClassRule& rule_of(RateClass rate_class) { return class_rules[static_cast<std::size_t>(rate_class)]; }

/// Further keys of a workspace are limited by its quota alone, and have no equal part.
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

RateLimit fair_limit(const RateLimit& workspace, std::size_t keys) {
  return {.quota = std::max<std::uint32_t>(workspace.quota / (fair_part * static_cast<std::uint32_t>(keys)), 1),
          .window_s = std::max<std::uint32_t>(workspace.window_s / fair_part, 1)};
}

/// The decision of the workspace's quota, which knows what is to be repaid.
Decision decide_for_all(const RateLimit& limit, UnixMillis arrival, UnixMillis now) {
  auto decision = decide(limit, arrival, now);
  decision.arrival = decide({limit.quota * 2, limit.window_s * 2}, arrival, now).arrival;
  if (!decision.state.allowed)
    decision.state.retry_after = std::max(Millis{(decision.arrival - now).value - full(limit).value}, Millis{1});
  return decision;
}

/// Takes a request from the quotas of a key and of its workspace, if they allow it.
SharedState take_from(SharedQuota& quota, const SharedLimit& limit, const std::string& key_id, UnixMillis now) {
  auto own_quota = std::ranges::find(quota.keys, key_id, &KeyQuota::key_id);
  const bool is_counted = own_quota != quota.keys.end() || quota.keys.size() < keys_counted_max;
  if (own_quota == quota.keys.end() && is_counted) own_quota = quota.keys.insert(own_quota, {.key_id = key_id});
  KeyQuota uncounted;
  auto& key = is_counted ? *own_quota : uncounted;
  const auto own = decide(limit.key, key.arrival, now);
  const auto all = decide_for_all(limit.workspace, quota.arrival, now);
  const auto fair = decide(fair_limit(limit.workspace, quota.keys.size()), key.fair_arrival, now);
  if (!own.state.allowed) return {own.state, limit.key};
  if (!all.state.allowed && !(is_counted && fair.state.allowed)) return {all.state, limit.workspace};
  quota.arrival = all.arrival;
  key.arrival = own.arrival;
  key.fair_arrival = fair.arrival;
  const auto& shared = all.state.allowed ? all.state : fair.state;
  return own.state.remaining < shared.remaining ? SharedState{own.state, limit.key} : SharedState{shared, limit.workspace};
}

Task<Result<SharedState>> take_shared_once(Context& cx, std::string row_key, SharedLimit limit, std::string key_id) {
  const auto entry = co_await cx.store.get(row_key);
  auto quota = record_of<SharedQuota>(entry);
  const auto now = cx.host_now();
  const auto longest = full(limit.workspace);
  const bool capped = quota.cap(now, longest);
  quota.forget(now, Millis{longest.value / fair_part});
  const auto taken = take_from(quota, limit, key_id, now);
  if (!taken.state.allowed && !capped) co_return taken;
  WriteBatch batch;
  batch.replace_or_create(entry ? &*entry : nullptr, std::move(row_key), to_row(quota));
  co_await cx.store.commit(std::move(batch));
  co_return taken;
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

std::string auth_rate_key(std::string_view client) { return "~00/auth/" + std::string(client); }

Task<Result<RateState>> take(Context& cx, std::string key, RateLimit limit) {
  const auto taken = co_await attempt(retry([&] { return take_once(cx, key, limit); }));
  if (taken) co_return *taken;
  co_return RateState{.allowed = true, .remaining = limit.quota, .reset = {}, .retry_after = {}};
}

Error exceeded(const RateState& state) {
  return {.code = ErrorCode::rate_limit_exceeded, .retry_after_s = seconds_up(state.retry_after.value_or(state.reset))};
}

}  // namespace lntpay::ratelimit
