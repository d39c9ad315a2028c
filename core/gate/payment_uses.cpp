// The first row, and opened paths.
#include "core/gate/payment_uses.hpp"

#include <algorithm>

#include "core/base/encoding.hpp"

namespace lntpay {
namespace {

std::string opened_name(std::string_view path) { return fingerprint_of({.method = {}, .path = std::string(path)}); }

}  // namespace

PaymentUses first_uses(const Gate& gate, const Terms& terms) {
  PaymentUses payment{.uses = {}, .commit = gate.commit, .opened = {}, .repeat_s = gate.repeat_s};
  if (terms.mode == GateMode::metered) {
    const auto max = std::min(gate.max_price.value_or(terms.price), terms.price);
    payment.credit = {.paid = terms.price, .min_credit = std::min(gate.min_credit, max), .max_price = max};
  }
  return payment;
}

std::string uses_key(const TenantScope& tenant, const Bytes32& payment_hash) { return tenant.key("uses", hex(payment_hash)); }

bool may_redirect(const PaymentUses& payment) { return payment.redirects < redirects_per_use_max * payment.uses.started; }

void open_path(PaymentUses& payment, std::string_view path) {
  ++payment.redirects;
  auto name = opened_name(path);
  if (std::ranges::contains(payment.opened, name)) return;
  if (payment.opened.size() == opened_paths_max) payment.opened.erase(payment.opened.begin());
  payment.opened.push_back(std::move(name));
}

bool opens(const PaymentUses& payment, const Terms& terms, const RequestMatch& request) {
  if (terms.match.covers(request)) return true;
  const RequestMatch same_path{terms.match.method, request.path};
  return same_path.covers(request) && std::ranges::contains(payment.opened, opened_name(request.path));
}

Task<Result<bool>> is_opened(Context& cx, TenantScope tenant, Bytes32 payment_hash, Terms terms, RequestMatch request) {
  if (terms.match.covers(request)) co_return true;
  const auto stored = co_await cx.store.load<PaymentUses>(uses_key(tenant, payment_hash));
  co_return stored&& opens(stored->record, terms, request);
}

}  // namespace lntpay
