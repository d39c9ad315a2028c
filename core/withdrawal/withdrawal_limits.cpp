// The row of the day is checked and written with the lock, so two locks never spend the same allowance.
#include "core/withdrawal/withdrawal_limits.hpp"

#include "core/base/json.hpp"
#include "core/base/time.hpp"

namespace lntpay {
namespace {

constexpr auto day_ms = static_cast<std::uint64_t>(days(1).value);

Error each_exceeded(Msat asked, Msat limit) {
  Error error{.code = ErrorCode::limit_exceeded,
              .message = "The withdrawal would lock " + sats_text(asked) +
                         " sats with its fee limit, but this API key may lock at most " + sats_text(limit) +
                         " per withdrawal. Lower the amount or use another key."};
  error.details =
      JsonObject{}.add("limit", "max_withdraw_sats").add("limit_msat", limit.value).add("asked_msat", asked.value).text();
  return error;
}

Error daily_exceeded(Msat asked, const DailyAllowance& allowance, bool own) {
  const auto& [limit, row_key, read, today] = allowance;
  Error error{.code = ErrorCode::limit_exceeded,
              .message = "The withdrawal would lock " + sats_text(asked) + " sats with its fee limit, but " +
                         (own ? "this API key" : "an API key above this one") + " may lock at most " + sats_text(limit) +
                         " per day and has locked " + sats_text(today.locked) +
                         " today. Lower the amount or wait until tomorrow (UTC)."};
  error.details = JsonObject{}
                      .add("limit", "daily_withdraw_sats")
                      .add("limit_msat", limit.value)
                      .add("asked_msat", asked.value)
                      .add("spent_today_msat", today.locked.value)
                      .add("resets_at", rfc3339(UnixMillis{(today.day + 1) * day_ms}))
                      .text();
  return error;
}

}  // namespace

std::string sats_text(Msat amount) {
  auto text = std::to_string(amount.value / 1'000);
  const auto rest = amount.value % 1'000;
  if (rest == 0) return text;
  auto digits = std::to_string(1'000 + rest).substr(1);
  digits.erase(digits.find_last_not_of('0') + 1);
  return text.append(".").append(digits);
}

KeyDay current_day(const std::optional<KeyDay>& stored, std::uint64_t today) {
  if (!stored || stored->day < today) return {.day = today, .locked = {}};
  const bool stepped_back = stored->day <= today + 1;
  return {.day = stepped_back ? stored->day : today, .locked = stored->locked};
}

std::optional<Error> Allowance::refusal(Msat asked) const {
  if (each && asked > *each) return each_exceeded(asked, *each);
  for (const auto& allowance : daily) {
    if (allowance.today.locked.value + asked.value <= allowance.limit.value) continue;
    return daily_exceeded(asked, allowance, own_daily && &allowance == &daily.front());
  }
  return std::nullopt;
}

void Allowance::count(WriteBatch& batch, Msat locked) const {
  for (const auto& allowance : daily) {
    auto day = allowance.today;
    day.locked.value += locked.value;
    batch.replace_or_create(allowance.read ? &*allowance.read : nullptr, allowance.row_key, to_row(day));
  }
}

Task<Result<Allowance>> load_allowance(Context& cx, TenantScope tenant, Spender spender) {
  Allowance allowance{.each = spender.limits.each, .own_daily = spender.limits.daily.has_value(), .daily = {}};
  spender.ancestors.insert(spender.ancestors.begin(), {spender.key, spender.limits.daily});
  std::vector<std::string> keys;
  for (const auto& [id, daily] : spender.ancestors) {
    if (!daily) continue;
    keys.push_back(tenant.key("key_day", id.text()));
    allowance.daily.push_back({.limit = *daily, .row_key = keys.back(), .read = {}, .today = {}});
  }
  if (keys.empty()) co_return allowance;
  const auto rows = co_await cx.store.get_all(std::move(keys));
  const auto today = cx.host_now().value / day_ms;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::optional<KeyDay> stored;
    if (rows[i]) stored = co_await from_row<KeyDay>(*rows[i]);
    allowance.daily[i].read = rows[i];
    allowance.daily[i].today = current_day(stored, today);
  }
  co_return allowance;
}

}  // namespace lntpay
