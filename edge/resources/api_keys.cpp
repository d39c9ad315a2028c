// /v1/api_keys
#include "edge/http/page.hpp"
#include "edge/resources/handlers.hpp"

namespace lntpay::routes {

Done create_key(Call& call) {
  NewKey asked{.name = call.body.text("name").value_or(""), .expires_at = call.body.time("expires_at")};
  asked.limits = {.each = call.body.sats("max_withdraw_sats"), .daily = call.body.sats("daily_withdraw_sats")};
  for (const auto& name : call.body.names("scopes")) asked.scopes.add(*from_name<Scope>(name));
  co_return co_await lntpay::create_key(call.cx, call.claim, call.key, std::move(asked));
}

Done list_keys(Call& call) {
  const ListPlace place{call.tenant, call.list};
  const auto page = co_await read_page(call.cx.settings.cursor_key, place, call.query);
  const auto listed = co_await lntpay::list_keys(call.cx, call.tenant, page);
  co_return page_json(call.cx.settings.cursor_key, place, page, listed, [](const ApiKey& key) { return key_json(key); });
}

Done revoke_key(Call& call) {
  co_return key_json(co_await lntpay::revoke_key(call.cx, call.tenant, co_await path_id<KeyId>(call)));
}

Done roll_key(Call& call) {
  const auto overlap = seconds(static_cast<std::int64_t>(call.body.integer("overlap_seconds").value_or(0)));
  co_return co_await lntpay::roll_key(call.cx, call.claim, call.key, co_await path_id<KeyId>(call), overlap);
}

Done current_key(Call& call) { co_return key_json(call.key); }

}  // namespace lntpay::routes
