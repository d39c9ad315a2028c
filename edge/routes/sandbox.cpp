// /v1/sandbox: the payer that a sandbox has instead of the world. Test keys only.
#include "core/charge/operations.hpp"
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

}  // namespace lntpay::routes
