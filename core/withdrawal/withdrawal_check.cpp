// Error details name the amounts and networks that disagree.
#include "core/withdrawal/withdrawal_check.hpp"

#include <algorithm>

#include "core/base/json.hpp"
#include "core/base/time.hpp"
#include "core/lightning/bolt11/decode.hpp"
#include "core/lightning/bolt11/payable.hpp"
#include "core/lightning/node/node.hpp"

namespace lntpay {
namespace {

Result<> check_payable(const bolt11::Invoice& invoice, UnixMillis now, const bolt11::PayerRules& rules) {
  const auto payable = bolt11::payable(invoice, now, rules);
  if (payable) return {};
  Error error{.code = payable.error(), .param = "bolt11"};
  if (error.code == ErrorCode::self_payment) return std::unexpected(std::move(error));
  error.details = JsonObject{}
                      .add("invoice_network", bolt11::name(invoice.network))
                      .add("environment_network", bolt11::name(rules.network))
                      .add("expires_at", rfc3339(invoice.expires_at()))
                      .text();
  return std::unexpected(std::move(error));
}

Error fee_limit_too_low(Msat limit, Msat route) {
  Error error{.code = ErrorCode::fee_limit_too_low,
              .message = "The route's fee (" + sats_text(route) + " sats) exceeds the fee limit (" + sats_text(limit) +
                         " sats). Raise max_fee_sats, or omit it for the default.",
              .param = "max_fee_msat"};
  error.details = JsonObject{}.add("max_fee_msat", limit.value).add("route_fee_msat", route.value).text();
  return error;
}

}  // namespace

Msat default_fee_limit(Msat amount) {
  constexpr std::uint64_t sat = 1'000;
  const auto percent = (amount.value / 100 + (amount.value % 100 != 0 ? 1 : 0) + sat - 1) / sat * sat;
  return {std::max<std::uint64_t>(5 * sat, percent)};
}

Result<bolt11::Invoice> read_invoice(std::string_view text) {
  auto invoice = bolt11::decode(text);
  if (!invoice) return std::unexpected(bolt11::public_error(invoice.error()));
  return std::move(*invoice);
}

Result<Msat> amount_to_pay(const bolt11::Invoice& invoice, std::optional<Msat> asked) {
  if (!invoice.amount && !asked) {
    return fail(ErrorCode::invalid_request, "The invoice has no amount. Set amount_sats or amount_msat.", "amount_sats");
  }
  if (invoice.amount && asked && *asked != *invoice.amount) {
    Error error{.code = ErrorCode::bolt11_amount_mismatch,
                .message = "The amount differs from the invoice's. Omit it, or set it to the invoice's amount.",
                .param = "amount_msat"};
    error.details = JsonObject{}.add("invoice_msat", invoice.amount->value).add("given_msat", asked->value).text();
    return std::unexpected(std::move(error));
  }
  return invoice.amount ? *invoice.amount : *asked;
}

Error insufficient_funds(const AccountState& account, const Reservation& reserved) {
  Error error{.code = ErrorCode::insufficient_funds,
              .message = "The available balance (" + sats_text(account.spendable()) + " sats) does not cover " +
                         sats_text(reserved.total()) + " sats (" + sats_text(reserved.amount) + " + " +
                         sats_text(reserved.fee_limit) + " fee limit). Fund the workspace or lower the amount."};
  error.details = JsonObject{}
                      .add("available_msat", account.spendable().value)
                      .add("required_msat", reserved.total().value)
                      .add("amount_msat", reserved.amount.value)
                      .add("max_fee_msat", reserved.fee_limit.value)
                      .text();
  return error;
}

std::optional<Error> lock_refusal(const AccountState& account, const Allowance& allowance, const Reservation& reserved,
                                  std::optional<Msat> route_fee) {
  if (account.spendable() < reserved.total()) return insufficient_funds(account, reserved);
  if (route_fee && *route_fee > reserved.fee_limit) return fee_limit_too_low(reserved.fee_limit, *route_fee);
  return allowance.refusal(reserved.total());
}

Task<Result<CheckedRequest>> check_request(Context& cx, TenantScope tenant, bolt11::Invoice invoice, WithdrawalRequest asked) {
  const auto node = co_await require_node(cx, tenant);
  auto rules = payer_rules(cx.settings, tenant);
  rules.own_node = co_await node->identity();
  co_await check_payable(invoice, cx.now(), rules);
  const auto amount = co_await amount_to_pay(invoice, asked.amount);
  const auto route_fee = co_await node->route_fee(invoice, amount);
  co_return CheckedRequest{std::move(invoice), {amount, asked.fee_limit.value_or(default_fee_limit(amount))}, route_fee};
}

}  // namespace lntpay
