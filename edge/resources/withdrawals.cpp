// /v1/withdrawals, and the operator's word on one
#include "core/withdrawal/withdrawal_operations.hpp"

#include "core/base/encoding.hpp"
#include "core/lightning/bolt11/uri.hpp"
#include "core/request/audit_trail.hpp"
#include "core/withdrawal/withdrawal_request.hpp"
#include "edge/http/amounts.hpp"
#include "edge/resources/handlers.hpp"

namespace lntpay::routes {
namespace {

Result<WithdrawalRequest> request_of(const Call& call) {
  const auto amount = amount_of(call.body, "amount_sats", "amount_msat");
  if (!amount) return std::unexpected(amount.error());
  const auto fee_limit = amount_of(call.body, "max_fee_sats", "max_fee_msat");
  if (!fee_limit) return std::unexpected(fee_limit.error());
  return WithdrawalRequest{
      .bolt11 = std::string(bolt11::without_scheme(call.body.text("bolt11").value_or(""))),
      .amount = *amount,
      .fee_limit = *fee_limit,
      .external_id = call.body.text("external_id").value_or(""),
      .metadata = call.body.object("metadata").value_or(""),
      .spender = {call.key.id, call.key.limits},
  };
}

}  // namespace

Done quote_withdrawal(Call& call) { co_return co_await lntpay::quote_withdrawal(call.cx, call.tenant, co_await request_of(call)); }

Done create_withdrawal(Call& call) {
  auto made = co_await request_withdrawal(call.cx, call.tenant, co_await request_of(call), call.claim);
  if (made.duplicate) call.status = 200;
  co_return std::move(made.json);
}

Done get_withdrawal(Call& call) {
  const auto wait = seconds(static_cast<std::int64_t>(call.query.integer("wait").value_or(0)));
  const bool with_preimage = call.key.scopes.has(Scope::withdrawals_preimage);
  co_return co_await lntpay::get_withdrawal(call.cx, call.tenant, co_await path_id<WithdrawalId>(call), wait, with_preimage);
}

Done list_withdrawals(Call& call) {
  WithdrawalFilter filter{
      .external_id = call.query.text("external_id").value_or(""),
      .created_gte = call.query.time("created_gte"),
      .created_lt = call.query.time("created_lt"),
  };
  if (const auto status = call.query.text("status")) filter.status = from_name<WithdrawalStatus>(*status);
  const ListPlace place{call.tenant, call.list};
  const auto page = co_await read_page(call.cx.settings.cursor_key, place, call.query);
  const auto listed = co_await lntpay::list_withdrawals(call.cx, call.tenant, std::move(filter), page);
  co_return page_json(call.cx.settings.cursor_key, place, page, listed,
                      [&call](const Withdrawal& each) { return withdrawal_json(each, call.tenant); });
}

Done cancel_withdrawal(Call& call) {
  co_return co_await lntpay::cancel_withdrawal(call.cx, call.tenant, co_await path_id<WithdrawalId>(call), call.claim);
}

Done reconcile_withdrawal(Call& call) {
  co_return co_await lntpay::reconcile_withdrawal(call.cx, call.tenant, co_await path_id<WithdrawalId>(call), call.claim);
}

Done resolve_withdrawal(Call& call) {
  const auto tenant = co_await named_tenant(call);
  Resolution resolution{
      .succeeded = *call.body.text("outcome") == "succeeded",
      .fee = call.body.msats("fee_msat"),
      .evidence = *call.body.text("evidence"),
  };
  if (const auto preimage = call.body.text("preimage")) resolution.preimage = hex_decode32(*preimage);
  co_return co_await lntpay::resolve_withdrawal(call.cx, tenant, co_await path_id<WithdrawalId>(call, 1), std::move(resolution),
                                                call.claim);
}

Done list_audit(Call& call) {
  const ListPlace place{call.tenant, call.list};
  const auto page = co_await read_page(call.cx.settings.cursor_key, place, call.query);
  const auto listed = co_await list_audit_notes(call.cx, call.tenant, page);
  co_return page_json(call.cx.settings.cursor_key, place, page, listed, audit_note_json);
}

}  // namespace lntpay::routes
