// /v1/balance, /v1/ledger
#include "core/base/json.hpp"
#include "core/ledger/audit.hpp"
#include "edge/routes/handlers.hpp"

namespace lntpay::routes {

Done get_balance(Call& call) { co_return balance_json(co_await read_head(call.cx, call.realm), call.realm); }

Done list_ledger(Call& call) {
  const ListPlace place{call.realm, call.list};
  const auto page = co_await read_page(call.cx.settings.cursor_key, place, call.query);
  const auto listed = co_await list_entries(call.cx, call.realm, page);
  co_return page_json(call.cx.settings.cursor_key, place, page, listed, entry_json);
}

Done verify_ledger(Call& call) {
  const auto audit = co_await audit_ledger(call.cx, call.realm);
  co_return JsonObject{}
      .add("object", "ledger_verification")
      .add("ok", audit.ok)
      .add("entries", audit.entries)
      .add("problem", audit.ok ? std::nullopt : std::optional(audit.problem))
      .add("problem_seq", audit.ok ? std::nullopt : std::optional(audit.problem_seq))
      .text();
}

}  // namespace lntpay::routes
