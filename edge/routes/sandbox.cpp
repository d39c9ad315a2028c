// /v1/sandbox: the payer that a sandbox has instead of the world. Test keys only.
#include "core/charge/operations.hpp"
#include "core/node/sandbox_payments.hpp"
#include "edge/http/amounts.hpp"
#include "edge/routes/handlers.hpp"

namespace lntpay::routes {

Done sandbox_pay(Call& call) {
  const SandboxPay pay{
      .amount = call.body.msats("amount_msat"),
      .delay = {static_cast<std::int64_t>(call.body.integer("delay_ms").value_or(0))},
  };
  co_return co_await pay_in_sandbox(call.cx, call.realm, co_await path_id<ChargeId>(call), pay, call.receipt);
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

}  // namespace lntpay::routes
