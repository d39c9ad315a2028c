// /v1/sandbox: the payer that a sandbox has instead of the world, and its controls. Test keys only.
#include "core/bolt11/decode.hpp"
#include "core/bolt11/uri.hpp"
#include "core/charge/create.hpp"
#include "core/charge/operations.hpp"
#include "core/node/sandbox_payments.hpp"
#include "core/sandbox/operations.hpp"
#include "edge/http/amounts.hpp"
#include "edge/routes/handlers.hpp"

namespace lntpay::routes {

Done sandbox_pay(Call& call) {
  const SandboxPay pay{
      .amount = call.body.msats("amount_msat"),
      .delay = {static_cast<std::int64_t>(call.body.integer("delay_ms").value_or(0))},
      .late = call.body.flag("late").value_or(false),
  };
  co_return co_await pay_in_sandbox(call.cx, call.realm, co_await path_id<ChargeId>(call), pay, call.receipt);
}

Done sandbox_wallet(Call& call) {
  const auto text = *call.body.text("bolt11");
  const auto invoice = bolt11::decode(bolt11::without_scheme(text));
  if (!invoice) co_return std::unexpected(bolt11::public_error(invoice.error()));
  co_return co_await pay_as_wallet(call.cx, call.realm, invoice->payment_hash, call.receipt);
}

Done sandbox_expire(Call& call) {
  co_return co_await expire_in_sandbox(call.cx, call.realm, co_await path_id<ChargeId>(call), call.receipt);
}

Done sandbox_invoice(Call& call) {
  OutsideInvoiceRequest asked{
      .amount = co_await amount_of(call.body, "amount_sats", "amount_msat"),
      .expiry_s = static_cast<std::uint32_t>(call.body.integer("expires_in").value_or(3'600)),
  };
  if (const auto behavior = call.body.text("behavior")) asked.behavior = *from_name<SandboxBehavior>(*behavior);
  co_return co_await make_outside_invoice(call.cx, call.realm, asked, call.receipt);
}

Done sandbox_fund(Call& call) {
  ChargeRequest asked{
      .amount = co_await required_amount_of(call.body, "amount_sats", "amount_msat"),
      .description = call.body.text("description").value_or(""),
  };
  const auto made = co_await lntpay::create_charge(call.cx, call.realm, std::move(asked), call.receipt.for_a_part());
  co_return co_await pay_in_sandbox(call.cx, call.realm, made.charge.id, {}, call.receipt);
}

Done sandbox_get(Call& call) { co_return sandbox_json(call.cx); }

Done sandbox_advance(Call& call) {
  const Millis by{static_cast<std::int64_t>(*call.body.integer("ms"))};
  co_return co_await advance_clock(call.cx, call.realm, by, call.receipt);
}

Done sandbox_faults(Call& call) {
  std::vector<SandboxFault> faults;
  for (const auto& name : call.body.names("faults")) faults.push_back(*from_name<SandboxFault>(name));
  co_return co_await set_faults(call.cx, call.realm, std::move(faults), call.receipt);
}

Done sandbox_reset(Call& call) { co_return co_await reset_sandbox(call.cx, call.realm, call.receipt); }

}  // namespace lntpay::routes
