// Counting by minute, and the rows.
#include "core/charge/open_challenges.hpp"

#include <algorithm>

#include "core/request/rate_limit.hpp"

namespace lntpay {
namespace {

constexpr std::uint64_t minute_ms = 60'000;
constexpr std::uint64_t network_factor = 10;

std::uint64_t minute_of(UnixMillis at) { return at.value / minute_ms; }

/// A minute that lies further ahead comes from a clock that has gone back.
void drop_expired(OpenChallenges& open, UnixMillis now) {
  const auto last = minute_of(now + seconds(challenge_expires_in_s)) + 1;
  std::erase_if(open.minutes, [&](const ExpiryMinute& each) { return each.minute < minute_of(now) || each.minute > last; });
}

struct Places {
  std::string key;
  std::uint64_t count = 0;
};

/// The rows in which this client's invoice is counted.
std::vector<Places> places_of(const Context& cx, const TenantScope& tenant, const std::string& seller, const GateClientId& client) {
  const auto all = "~" + std::string(tenant.shard().text()) + "/open_challenges/" + seller;
  const std::uint64_t each = cx.settings.challenges_per_client.quota;
  std::vector<Places> places;
  if (!client.client.empty()) places.push_back({all + "/c/" + client.client, each});
  if (!client.network.empty()) places.push_back({all + "/n/" + client.network, each * network_factor});
  places.push_back({all, cx.settings.challenges_per_gate.quota});
  return places;
}

/// One commit for all of the rows: `change` changes each, or ends it with an error.
Task<Result<>> change_counts(Context& cx, std::vector<Places> places,
                             Result<> (*change)(OpenChallenges&, std::uint64_t, UnixMillis, UnixMillis), UnixMillis expires_at) {
  return retry([&cx, places, change, expires_at]() -> Task<Result<>> {
    std::vector<std::string> keys;
    for (const auto& each : places) keys.push_back(each.key);
    const auto rows = co_await cx.store.get_all(std::move(keys));
    WriteBatch batch;
    for (std::size_t i = 0; i < places.size(); ++i) {
      // A row that cannot be read counts as lost.
      auto open = rows[i] ? from_row<OpenChallenges>(rows[i]->value).value_or(OpenChallenges{}) : OpenChallenges{};
      co_await change(open, places[i].count, cx.host_now(), expires_at);
      batch.replace_or_create(rows[i] ? &*rows[i] : nullptr, places[i].key, to_row(open));
    }
    co_return co_await attempt(cx.store.commit(std::move(batch)));
  });
}

}  // namespace

std::string ExpiryMinute::text() const { return std::to_string(minute) + "." + std::to_string(count); }

std::optional<ExpiryMinute> ExpiryMinute::parse(std::string_view text) {
  ExpiryMinute each;
  const bool good = row::read(row::cut(text, '.'), each.minute) && row::read(text, each.count);
  return good ? std::optional(each) : std::nullopt;
}

std::optional<Millis> take_place(OpenChallenges& open, std::uint64_t places, UnixMillis now, UnixMillis expires_at) {
  drop_expired(open, now);
  std::uint64_t taken = 0;
  for (const auto& each : open.minutes) taken += each.count;
  if (taken >= places) {
    const auto first = std::ranges::min(open.minutes, {}, &ExpiryMinute::minute).minute;
    return UnixMillis{(first + 1) * minute_ms} - now;
  }
  const auto minute = minute_of(expires_at);
  const auto same = std::ranges::find(open.minutes, minute, &ExpiryMinute::minute);
  if (same != open.minutes.end()) {
    ++same->count;
  } else {
    open.minutes.push_back({minute, 1});
  }
  return std::nullopt;
}

void give_place_back(OpenChallenges& open, UnixMillis now, UnixMillis expires_at) {
  drop_expired(open, now);
  const auto minute = minute_of(expires_at);
  for (const auto each : {minute, minute - 1, minute + 1}) {
    const auto same = std::ranges::find(open.minutes, each, &ExpiryMinute::minute);
    if (same == open.minutes.end()) continue;
    if (--same->count == 0) open.minutes.erase(same);
    return;
  }
}

Task<Result<>> take_places(Context& cx, const TenantScope& tenant, const std::string& seller, GateClientId client,
                           UnixMillis expires_at) {
  const auto take = [](OpenChallenges& open, std::uint64_t places, UnixMillis now, UnixMillis until) -> Result<> {
    const auto wait = take_place(open, places, now, until);
    if (!wait) return {};
    return std::unexpected(Error{.code = ErrorCode::rate_limit_exceeded, .retry_after_s = ratelimit::seconds_up(*wait)});
  };
  const auto taken = co_await attempt(change_counts(cx, places_of(cx, tenant, seller, client), take, expires_at));
  if (!taken && taken.error().code == ErrorCode::rate_limit_exceeded) co_return taken;
  co_return {};
}

Task<Result<>> give_places_back(Context& cx, const TenantScope& tenant, const std::string& seller, GateClientId client,
                                UnixMillis expires_at) {
  const auto give = [](OpenChallenges& open, std::uint64_t, UnixMillis now, UnixMillis until) -> Result<> {
    give_place_back(open, now, until);
    return {};
  };
  co_await attempt(change_counts(cx, places_of(cx, tenant, seller, client), give, expires_at));
  co_return {};
}

}  // namespace lntpay
