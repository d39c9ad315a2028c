// /pay/{token}: the checkout page of a charge, for whoever has its link.
#include "core/charge/checkout_token.hpp"

#include "core/charge/charge_operations.hpp"
#include "core/tenant/enter_tenant.hpp"
#include "edge/pages/checkout_page.hpp"
#include "edge/resources/handlers.hpp"

namespace lntpay::routes {
namespace {

/// The session goes on in the charge's tenant. Fails with not_found.
Task<Result<CheckoutPlace>> enter_checkout(Call& call) {
  auto place = parse_checkout_token(call.cx.settings, call.path[0]);
  if (!place) co_return fail(ErrorCode::not_found, "This link leads to no payment: see that it was copied whole.");
  place->tenant = co_await enter_tenant(call.cx, place->tenant);
  co_return std::move(*place);
}

Task<Result<Charge>> charge_of(Call& call, CheckoutPlace place, Millis wait = {}) {
  return get_charge(call.cx, std::move(place.tenant), std::move(place.charge), wait);
}

Task<Result<std::string>> page_of(Call& call) {
  const auto place = co_await enter_checkout(call);
  const auto charge = co_await charge_of(call, place);
  co_return checkout_page({charge, place.tenant.environment, call.cx.now(), call.path[0]});
}

}  // namespace

Done show_checkout(Call& call) {
  auto page = co_await attempt(page_of(call));
  if (!page && page.error().code != ErrorCode::not_found) co_return page;
  call.headers = page_headers();
  if (page) co_return page;
  call.status = info(ErrorCode::not_found).status;
  co_return missing_page();
}

Done checkout_status(Call& call) {
  const auto wait = seconds(static_cast<std::int64_t>(call.query.integer("wait").value_or(0)));
  co_return checkout_json(co_await charge_of(call, co_await enter_checkout(call), wait));
}

Done checkout_qr(Call& call) {
  auto image = invoice_qr(co_await charge_of(call, co_await enter_checkout(call)));
  if (!image) co_return fail(ErrorCode::not_found, "This invoice is too long for a QR code.");
  call.headers.push_back({"content-type", "image/svg+xml"});
  call.headers.push_back({"content-security-policy", "default-src 'none'"});
  co_return std::move(*image);
}

Done pay_at_checkout(Call& call) {
  const auto place = co_await enter_checkout(call);
  if (place.tenant.environment != Environment::test) co_return fail(ErrorCode::not_found, "Only a sandbox pays for itself.");
  const auto paid = co_await attempt(pay_in_sandbox(call.cx, place.tenant, place.charge, {}));
  // What cannot be paid any more says so on the page.
  if (!paid && paid.error().code != ErrorCode::invalid_state) co_return paid;
  constexpr std::uint16_t see_other = 303;
  call.status = see_other;
  call.headers.push_back({"location", "../" + call.path[0]});
  co_return std::string();
}

}  // namespace lntpay::routes
