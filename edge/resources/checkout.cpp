// /pay/{token}: the checkout page of a charge or challenge, open to every holder of its link.
#include "core/base/object.hpp"
#include "core/charge/challenge_operations.hpp"
#include "core/charge/charge_operations.hpp"
#include "core/charge/charge_renewal.hpp"
#include "core/charge/checkout_token.hpp"
#include "core/tenant/enter_tenant.hpp"
#include "core/webhook/delivery/charge_target.hpp"
#include "edge/pages/checkout_page.hpp"
#include "edge/resources/fields.hpp"
#include "edge/resources/lists.hpp"
#include "edge/resources/resources.hpp"

namespace lntpay {
namespace checkout_resource {
namespace {

constexpr std::string_view page_media[] = {"text/html; charset=utf-8"};
constexpr std::string_view image_media[] = {"image/svg+xml"};

constexpr auto checkout_object = object_of<Charge>(
    kind_member<"checkout">(), member("status", "The state of the charge.", [](const auto& v) { return v.status; }),
    member("expires_at", "When the invoice expires.", [](const auto& v) { return v.expires_at; }),
    member("success_url", "Where the page leads; null until the charge is paid.",
           [](const auto& v) { return unlocks(v) ? null_if_empty(v.success_url) : std::nullopt; }));
constexpr auto checkout_fields = checkout_object.fields();

/// Enters the tenant of the charge. Fails with not_found.
Task<Result<CheckoutPlace>> enter_checkout(Call& call) {
  auto place = parse_checkout_token(call.cx.settings, call.path[0]);
  if (!place) co_return fail(ErrorCode::not_found, "This link belongs to no payment. Check that it was copied completely.");
  place->tenant = co_await enter_tenant(call.cx, place->tenant);
  co_return std::move(*place);
}

Task<Result<Charge>> charge_of(Call& call, CheckoutPlace place, Millis wait = {}) {
  if (place.challenge) return get_challenge(call.cx, std::move(place.tenant), *place.challenge, wait);
  return get_charge(call.cx, std::move(place.tenant), std::move(place.charge), wait);
}

Task<Result<std::string>> page_of(Call& call) {
  const auto place = co_await enter_checkout(call);
  const auto charge = co_await charge_of(call, place);
  const auto look = co_await page_look(call.cx, place.tenant.workspace, call.request.headers);
  call.headers = page_headers({}, look);
  co_return checkout_page({charge, place.tenant.environment, call.cx.now(), call.path[0], look});
}

Done show(Call& call) {
  auto page = co_await attempt(page_of(call));
  if (page || page.error().code != ErrorCode::not_found) co_return page;
  const auto& texts = page_texts_of(call.request.headers);
  call.headers = page_headers({}, {.display_name = {}, .logo_url = {}, .texts = &texts});
  call.status = info(ErrorCode::not_found).status;
  co_return missing_page(texts);
}

/// From a form of the page to the page of this token.
std::string see_page(Call& call, std::string_view token) {
  constexpr std::uint16_t see_other = 303;
  call.status = see_other;
  call.headers.push_back({"location", std::string("../").append(token)});
  return {};
}

Done status(Call& call) { co_return checkout_object.text(co_await charge_of(call, co_await enter_checkout(call), wait_of(call))); }

Done qr(Call& call) {
  auto image = invoice_qr(co_await charge_of(call, co_await enter_checkout(call)));
  if (!image) co_return fail(ErrorCode::not_found, "This invoice is too long for a QR code. Copy it as text.");
  call.headers.push_back({"content-type", "image/svg+xml"});
  call.headers.push_back({"content-security-policy", "default-src 'none'"});
  co_return std::move(*image);
}

/// What the sandbox's payer chooses.
Msat chosen_amount(const AmountBounds& bounds) { return bounds.min.value_or(std::min(21_sat, bounds.max.value_or(21_sat))); }

Task<Result<>> pay_from_page(Context& cx, CheckoutPlace place) {
  if (place.challenge) {
    co_await pay_challenge_in_sandbox(cx, place.tenant, *place.challenge, {}, cx.now());
  } else {
    const auto charge = co_await get_charge(cx, place.tenant, place.charge, {});
    co_await pay_in_sandbox(cx, place.tenant, place.charge,
                            {.amount = charge.amount ? charge.amount : chosen_amount(charge.bounds)});
  }
  co_return {};
}

Done pay(Call& call) {
  const auto place = co_await enter_checkout(call);
  if (place.tenant.environment != Environment::test) {
    co_return fail(ErrorCode::not_found,
                   "This page can be paid from the sandbox only with a test charge. Pay the invoice with a wallet.");
  }
  const auto paid = co_await attempt(pay_from_page(call.cx, place));
  // The page itself shows a charge that can no longer be paid.
  if (!paid && paid.error().code != ErrorCode::invalid_state) co_return std::unexpected(paid.error());
  co_return see_page(call, call.path[0]);
}

Done renew(Call& call) {
  const auto place = co_await enter_checkout(call);
  const auto old = co_await charge_of(call, place);
  // The page itself shows a charge that cannot be renewed.
  if (!can_renew(old)) co_return see_page(call, call.path[0]);
  if (!old.webhook_url.empty()) co_await check_charge_webhook(call.cx, place.tenant, old.webhook_url);
  const auto made = co_await renew_charge(call.cx, place.tenant, place.charge);
  const auto url = checkout_url(call.cx.settings, place.tenant, made);
  co_return see_page(call, url.substr(url.rfind('/') + 1));
}

constexpr Route routes[] = {
    {.method = "GET",
     .pattern = "/pay/{token}",
     .summary = "The page on which a charge is paid",
     .handler = show,
     .access = Access::open,
     .per_client = true,
     .media = page_media,
     .is_page = true,
     .errors = errors::missing},
    {.method = "GET",
     .pattern = "/pay/{token}/status",
     .summary = "The state of the charge of a checkout page",
     .handler = status,
     .access = Access::open,
     .per_client = true,
     .query = fields::wait_query,
     .answer = checkout_fields,
     .errors = errors::missing},
    {.method = "GET",
     .pattern = "/pay/{token}/qr.svg",
     .summary = "The invoice of a checkout page as a QR code",
     .handler = qr,
     .access = Access::open,
     .per_client = true,
     .media = image_media,
     .errors = errors::missing},
    {.method = "POST",
     .pattern = "/pay/{token}/pay",
     .summary = "Pay from the sandbox, and see the checkout page",
     .handler = pay,
     .access = Access::open,
     .per_client = true,
     .success = 303,
     .is_page = true,
     .errors = errors::missing},
    {.method = "POST",
     .pattern = "/pay/{token}/renew",
     .summary = "Get a new invoice for an expired charge that is renewable, and see its checkout page",
     .handler = renew,
     .access = Access::open,
     .per_client = true,
     .success = 303,
     .is_page = true,
     .errors = errors::state_and_node},
};

}  // namespace
}  // namespace checkout_resource

std::span<const Route> resources::checkout() { return checkout_resource::routes; }

}  // namespace lntpay
