// The row of the day is checked and written with the lock, so two locks never spend the same allowance.
#include "core/withdrawal/withdrawal_limits.hpp"

#include "core/base/json.hpp"
#include "core/base/time.hpp"

namespace lntpay {
namespace {

constexpr auto day_ms = static_cast<std::uint64_t>(days(1).value);

/// Why an amount over a limit is refused, and the remedy.
std::string each_message(Msat asked, Msat limit) {
  return "The withdrawal would lock " + sats_text(asked) + " sats with its fee limit, but this API key may lock at most " +
         sats_text(limit) + " per withdrawal. Lower the amount or use another key.";
}
std::string daily_message(Msat asked, Msat limit, Msat spent) {
  return "The withdrawal would lock " + sats_text(asked) + " sats with its fee limit, but this API key may lock at most " +
         sats_text(limit) + " per day and has locked " + sats_text(spent) +
         " today. Lower the amount or wait until tomorrow (UTC).";
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

std::optional<Error> Allowance::refusal(Msat asked) const {
  const bool too_large = limits.each && asked > *limits.each;
  const bool too_much = limits.daily && today.locked.value + asked.value > limits.daily->value;
  if (!too_large && !too_much) return std::nullopt;
  Error error{.code = ErrorCode::limit_exceeded,
              .message = too_large ? each_message(asked, *limits.each) : daily_message(asked, *limits.daily, today.locked)};
  JsonObject details;
  details.add("limit", too_large ? "max_withdraw_sats" : "daily_withdraw_sats")
      .add("limit_msat", (too_large ? limits.each : limits.daily)->value)
      .add("asked_msat", asked.value);
  if (!too_large) {
    details.add("spent_today_msat", today.locked.value).add("resets_at", rfc3339(UnixMillis{(today.day + 1) * day_ms}));
  }
  error.details = details.text();
  return error;
}

void Allowance::count(WriteBatch& batch, Msat locked) const {
  if (!limits.daily) return;
  auto day = today;
  day.locked.value += locked.value;
  if (read) {
    batch.replace(*read, to_row(day));
  } else {
    batch.create(row_key, to_row(day));
  }
}

Task<Result<Allowance>> load_allowance(Context& cx, TenantScope tenant, Spender spender) {
  Allowance allowance{.limits = spender.limits,
                      .row_key = tenant.key("key_day", spender.key.text()),
                      .read = {},
                      .today = {.day = cx.host_now().value / day_ms, .locked = {}}};
  if (!spender.limits.daily) co_return allowance;
  if (const auto stored = co_await cx.store.load<KeyDay>(allowance.row_key)) {
    allowance.read = stored->entry;
    // A host clock that went back does not reset the day.
    if (stored->record.day >= allowance.today.day) allowance.today = stored->record;
  }
  co_return allowance;
}

}  // namespace lntpay
