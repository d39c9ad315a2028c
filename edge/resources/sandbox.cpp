// /v1/sandbox: the payer that a sandbox has instead of the world, and its controls. Test keys only.
#include "core/charge/charge_creation.hpp"
#include "core/charge/charge_operations.hpp"
#include "core/lightning/bolt11/decode.hpp"
#include "core/lightning/bolt11/uri.hpp"
#include "core/lightning/node/sandbox_payments.hpp"
#include "core/operations/sandbox_operations.hpp"
#include "edge/http/amounts.hpp"
#include "edge/resources/handlers.hpp"

namespace lntpay::routes {

Done sandbox_pay(Call& call) {
  const SandboxPay pay{
      .amount = call.body.msats("amount_msat"),
      .delay = {static_cast<std::int64_t>(call.body.integer("delay_ms").value_or(0))},
      .late = call.body.flag("late").value_or(false),
  };
  co_return co_await pay_in_sandbox(call.cx, call.tenant, co_await path_id<ChargeId>(call), pay, call.claim);
}

Done sandbox_wallet(Call& call) {
  const auto text = *call.body.text("bolt11");
  const auto invoice = bolt11::decode(bolt11::without_scheme(text));
  if (!invoice) co_return std::unexpected(bolt11::public_error(invoice.error()));
  co_return co_await pay_as_wallet(call.cx, call.tenant, invoice->payment_hash, call.claim);
}

Done sandbox_expire(Call& call) {
  co_return co_await expire_in_sandbox(call.cx, call.tenant, co_await path_id<ChargeId>(call), call.claim);
}

Done sandbox_invoice(Call& call) {
  ExternalInvoiceRequest asked{
      .amount = co_await amount_of(call.body, "amount_sats", "amount_msat"),
      .expiry_s = static_cast<std::uint32_t>(call.body.integer("expires_in").value_or(3'600)),
  };
  if (const auto behavior = call.body.text("behavior")) asked.behavior = *from_name<SandboxBehavior>(*behavior);
  co_return co_await create_external_invoice(call.cx, call.tenant, asked, call.claim);
}

Done sandbox_fund(Call& call) {
  ChargeRequest asked{
      .amount = co_await required_amount_of(call.body, "amount_sats", "amount_msat"),
      .description = call.body.text("description").value_or(""),
  };
  const auto made = co_await lntpay::create_charge(call.cx, call.tenant, std::move(asked), call.claim.without_answer());
  co_return co_await pay_in_sandbox(call.cx, call.tenant, made.charge.id, {}, call.claim);
}

Done sandbox_get(Call& call) { co_return sandbox_json(call.cx); }

Done sandbox_advance(Call& call) {
  const Millis by{static_cast<std::int64_t>(*call.body.integer("ms"))};
  co_return co_await advance_clock(call.cx, call.tenant, by, call.claim);
}

Done sandbox_faults(Call& call) {
  std::vector<SandboxFault> faults;
  for (const auto& name : call.body.names("faults")) faults.push_back(*from_name<SandboxFault>(name));
  co_return co_await set_faults(call.cx, call.tenant, std::move(faults), call.claim);
}

Done sandbox_reset(Call& call) { co_return co_await reset_sandbox(call.cx, call.tenant, call.claim); }

}  // namespace lntpay::routes
