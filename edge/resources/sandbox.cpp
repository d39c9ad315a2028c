// /v1/sandbox: the payer of a sandbox, and its controls; test keys only. The objects: core/operations/sandbox_object.hpp,
// core/lightning/node/sandbox_objects.hpp.
#include "core/charge/charge_creation.hpp"
#include "core/charge/charge_object.hpp"
#include "core/charge/charge_operations.hpp"
#include "core/lightning/bolt11/decode.hpp"
#include "core/lightning/bolt11/pasted.hpp"
#include "core/lightning/node/sandbox_objects.hpp"
#include "core/operations/sandbox_object.hpp"
#include "edge/http/amounts.hpp"
#include "edge/resources/fields.hpp"
#include "edge/resources/resources.hpp"

namespace lntpay {
namespace sandbox_resource {
namespace {

using enum FieldType;
using enum ErrorCode;

constexpr Field pay_body[] = {
    {.name = "delay_ms", .type = integer, .description = "Milliseconds until the payment.", .min = 0, .max = 86'400'000},
    {.name = "amount_msat",
     .type = msats,
     .description = "The amount to pay: from the charge's amount, the default, to twice that. Required if the charge has none."},
    {.name = "late", .type = boolean, .description = "Pay although the charge has expired or was canceled."},
};
constexpr Field wallet_body[] = {
    fields::bolt11,
    {.name = "amount_msat", .type = msats, .description = "The amount to pay; required if the invoice has none."},
};
constexpr Field invoice_body[] = {
    {.name = "amount_sats", .type = sats, .description = "The amount; default: the payer chooses it."},
    {.name = "amount_msat", .type = msats, .description = "The amount in millisatoshi.", .instead_of = "amount_sats"},
    {.name = "behavior",
     .type = one_of,
     .description = "The outcome of paying the invoice; default: succeed.",
     .names = enum_names<SandboxBehavior>},
    {.name = "expires_in", .type = integer, .description = "Seconds; default: 3600.", .min = 1, .max = invoice_expiry_s_max},
};
constexpr Field fund_body[] = {
    fields::amount_sats,
    fields::amount_msat,
    {.name = "description",
     .type = text,
     .description = "The description of the charge.",
     .min = 0,
     .max = bolt11::description_bytes_max},
};
constexpr Field advance_body[] = {
    {.name = "ms",
     .type = integer,
     .description = "How far to advance the workspace's clock, in milliseconds.",
     .required = true,
     .min = 0,
     .max = static_cast<std::uint64_t>(clock_ahead_max.value)},
};
constexpr Field faults_body[] = {
    {.name = "faults",
     .type = names,
     .description = "The faults to inject from now on; default: none.",
     .min = 0,
     .names = enum_names<SandboxFault>},
    {.name = "request_error",
     .type = one_of,
     .description = "Every request outside /v1/sandbox fails with this error from now on, to try how a client bears it; default: "
                    "none.",
     .names = published_errors},
};
constexpr ErrorCode pay_errors[] = {not_found, invalid_state, balance_limit_exceeded};
constexpr ErrorCode fund_errors[] = {node_unavailable, balance_limit_exceeded};
constexpr ErrorCode wallet_errors[] = {bolt11_invalid, not_found, invalid_state, balance_limit_exceeded};

Done pay(Call& call) {
  const auto id = co_await path_id<ChargeId>(call);
  const SandboxPay pay{
      .amount = call.body.msats("amount_msat"),
      .delay = {static_cast<std::int64_t>(call.body.integer("delay_ms").value_or(0))},
      .late = call.body.flag("late").value_or(false),
      .act = {"sandbox.charge.pay", id.text()},
  };
  co_return co_await pay_in_sandbox(call.cx, call.tenant, id, pay, call.claim);
}

Done pay_invoice(Call& call) {
  const auto text = *call.body.text("bolt11");
  const auto invoice = bolt11::pasted_invoice(text).and_then(bolt11::decode);
  if (!invoice) co_return std::unexpected(bolt11::public_error(invoice.error()));
  co_return co_await pay_as_wallet(call.cx, call.tenant, invoice->payment_hash, call.body.msats("amount_msat"), call.claim);
}

Done expire(Call& call) {
  const auto id = co_await path_id<ChargeId>(call);
  co_return co_await expire_in_sandbox(call.cx, call.tenant, id, call.claim);
}

Done make_invoice(Call& call) {
  ExternalInvoiceRequest asked{
      .amount = co_await amount_of(call.body, "amount_sats", "amount_msat"),
      .expiry_s = static_cast<std::uint32_t>(call.body.integer("expires_in").value_or(3'600)),
  };
  if (const auto behavior = call.body.text("behavior")) asked.behavior = *from_name<SandboxBehavior>(*behavior);
  co_return co_await create_external_invoice(call.cx, call.tenant, asked, call.claim);
}

Done fund(Call& call) {
  const auto amount = co_await required_amount_of(call.body, "amount_sats", "amount_msat");
  ChargeRequest asked{
      .amount = amount,
      .description = call.body.text("description").value_or(""),
  };
  co_await require_room(call.cx, call.tenant, amount);
  const auto made = co_await create_charge(call.cx, call.tenant, std::move(asked), call.claim.without_answer());
  const auto& id = made.charge.id.text();
  const SandboxPay pay{.act = {"sandbox.fund", id, std::to_string(amount.value) + " msat"}};
  co_return co_await pay_in_sandbox(call.cx, call.tenant, made.charge.id, pay, call.claim);
}

Done get(Call& call) { co_return sandbox_json(call.cx); }

Done advance(Call& call) {
  const Millis by{static_cast<std::int64_t>(*call.body.integer("ms"))};
  co_return co_await advance_clock(call.cx, call.tenant, by, call.claim);
}

Done inject_faults(Call& call) {
  std::vector<SandboxFault> faults;
  for (const auto& name : call.body.names("faults")) faults.push_back(*from_name<SandboxFault>(name));
  const auto error = call.body.text("request_error");
  co_return co_await set_faults(call.cx, call.tenant, std::move(faults), error ? from_name<ErrorCode>(*error) : std::nullopt,
                                call.claim);
}

Done reset(Call& call) { co_return co_await reset_sandbox(call.cx, call.tenant, call.claim); }

constexpr Route routes[] = {
    {.method = "POST",
     .pattern = "/v1/sandbox/charges/{charge}/pay",
     .summary = "Pay a charge",
     .handler = pay,
     .scopes = {Scope::sandbox_write},
     .sandbox_only = true,
     .idempotency = IdempotencyUse::accepted,
     .body = pay_body,
     .answer = charge_fields,
     .errors = pay_errors},
    {.method = "POST",
     .pattern = "/v1/sandbox/wallet/pay",
     .summary = "Pay an invoice as a wallet does, and get the preimage",
     .handler = pay_invoice,
     .scopes = {Scope::sandbox_write},
     .sandbox_only = true,
     .idempotency = IdempotencyUse::accepted,
     .body = wallet_body,
     .answer = sandbox_payment_fields,
     .errors = wallet_errors},
    {.method = "POST",
     .pattern = "/v1/sandbox/charges/{charge}/expire",
     .summary = "Let a charge expire",
     .handler = expire,
     .scopes = {Scope::sandbox_write},
     .sandbox_only = true,
     .idempotency = IdempotencyUse::accepted,
     .answer = charge_fields,
     .errors = errors::state},
    {.method = "POST",
     .pattern = "/v1/sandbox/invoices",
     .summary = "Make an invoice to withdraw to",
     .handler = make_invoice,
     .scopes = {Scope::sandbox_write},
     .sandbox_only = true,
     .idempotency = IdempotencyUse::accepted,
     .body = invoice_body,
     .success = 201,
     .answer = sandbox_invoice_fields},
    {.method = "POST",
     .pattern = "/v1/sandbox/fund",
     .summary = "Create a charge and pay it",
     .handler = fund,
     .scopes = {Scope::sandbox_write},
     .sandbox_only = true,
     .idempotency = IdempotencyUse::accepted,
     .body = fund_body,
     .success = 201,
     .answer = charge_fields,
     .errors = fund_errors},
    {.method = "GET",
     .pattern = "/v1/sandbox",
     .summary = "Get the sandbox's time and faults",
     .handler = get,
     .scopes = {Scope::sandbox_write},
     .sandbox_only = true,
     .answer = sandbox_fields},
    {.method = "POST",
     .pattern = "/v1/sandbox/clock/advance",
     .summary = "Advance the clock",
     .handler = advance,
     .scopes = {Scope::sandbox_write},
     .sandbox_only = true,
     .idempotency = IdempotencyUse::accepted,
     .body = advance_body,
     .answer = sandbox_fields},
    {.method = "POST",
     .pattern = "/v1/sandbox/faults",
     .summary = "Inject faults",
     .handler = inject_faults,
     .scopes = {Scope::sandbox_write},
     .sandbox_only = true,
     .idempotency = IdempotencyUse::accepted,
     .body = faults_body,
     .answer = sandbox_fields},
    {.method = "POST",
     .pattern = "/v1/sandbox/reset",
     .summary = "Reset the sandbox",
     .handler = reset,
     .scopes = {Scope::sandbox_write},
     .sandbox_only = true,
     .idempotency = IdempotencyUse::accepted,
     .answer = sandbox_fields},
};

}  // namespace
}  // namespace sandbox_resource

std::span<const Route> resources::sandbox() { return sandbox_resource::routes; }

}  // namespace lntpay
