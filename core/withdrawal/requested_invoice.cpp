// What the service returns is checked before the next step; nothing is written but by a sandbox payee.
#include "core/withdrawal/requested_invoice.hpp"

#include <utility>
#include <vector>

#include "core/base/ascii.hpp"
#include "core/base/json_reader.hpp"
#include "core/lightning/bolt11/decode.hpp"
#include "core/lightning/lnurl/destination.hpp"
#include "core/lightning/lnurl/pay_request.hpp"
#include "core/lightning/node/sandbox_payments.hpp"
#include "core/webhook/egress/egress.hpp"

namespace lntpay {
namespace {

constexpr std::uint32_t service_timeout_ms = 10'000;

std::unexpected<Error> unusable(const std::string& reason) {
  return fail(ErrorCode::destination_unusable,
              "The destination cannot be paid: " + reason + ". Nothing was locked. Check it, or ask the payee for an invoice.",
              "destination");
}

/// The body of a response, of an error as well: LUD-06 has its reason there.
Task<Result<std::string>> get(Context& cx, TenantScope tenant, std::string url) {
  if (url.size() > url_bytes_max) co_return unusable("its URL is too long");
  if (const auto allowed = check_egress_url(url, cx.settings.egress, tenant.environment); !allowed)
    co_return unusable(allowed.error());
  std::vector<Outgoing> requests;
  requests.push_back({.upstream = "webhook",
                      .method = "GET",
                      .target = std::move(url),
                      .headers = {{"accept", "application/json"}, {"user-agent", "LNTPay-Withdrawals/1"}},
                      .body = {},
                      .timeout_ms = service_timeout_ms,
                      .lines = 0,
                      .once = false,
                      .body_limit = lnurl::response_bytes_max,
                      .workspace = tenant.workspace.text()});
  auto replies = co_await cx.fetch.send_all(std::move(requests));
  co_await invariant(replies.size() == 1, "a request has a reply");
  if (std::holds_alternative<NotTried>(replies.front())) co_return fail(ErrorCode::overloaded);
  auto* answered = std::get_if<Answered>(&replies.front());
  if (answered == nullptr) co_return unusable("its service does not answer");
  if (answered->response.status >= 300 && answered->response.status < 400) co_return unusable("its service redirects");
  co_return std::move(answered->response.body);
}

/// The behaviour of a sandbox payee; nullopt: the payee is of another service.
std::optional<SandboxBehavior> sandbox_payee(const TenantScope& tenant, std::string_view payee) {
  const auto text = ascii_lower(trimmed(payee));
  if (tenant.environment != Environment::test || !text.ends_with(sandbox_payees)) return std::nullopt;
  return from_name<SandboxBehavior>(std::string_view(text).substr(0, text.size() - sandbox_payees.size()));
}

Task<Result<std::string>> request_from_sandbox(Context& cx, TenantScope tenant, SandboxBehavior behavior, Msat amount,
                                               IdempotencyClaim claim) {
  const ExternalInvoiceRequest asked{.amount = amount, .behavior = behavior};
  const auto json = co_await read_json(co_await create_external_invoice(cx, tenant, asked, claim.without_answer()));
  const auto* invoice = json.find("bolt11");
  co_await invariant(invoice != nullptr, "an invoice has its text");
  co_return invoice->text;
}

}  // namespace

Task<Result<std::string>> request_invoice(Context& cx, TenantScope tenant, Destination destination, IdempotencyClaim claim) {
  if (const auto behavior = sandbox_payee(tenant, destination.payee))
    co_return co_await request_from_sandbox(cx, tenant, *behavior, destination.amount, std::move(claim));
  const auto url = lnurl::pay_request_url(destination.payee);
  if (!url) co_return unusable(url.error());
  const auto request = lnurl::read_pay_request(co_await get(cx, tenant, *url));
  if (!request) co_return unusable(request.error());
  if (const auto accepted = lnurl::accepts(*request, destination.amount, destination.comment); !accepted)
    co_return unusable(accepted.error());
  auto text = lnurl::read_invoice(co_await get(cx, tenant, lnurl::invoice_url(*request, destination.amount, destination.comment)));
  if (!text) co_return unusable(text.error());
  const auto invoice = bolt11::decode(*text);
  if (!invoice) co_return unusable("its service returned something that is not an invoice");
  if (const auto good = lnurl::check_invoice(*invoice, *request, destination.amount); !good) co_return unusable(good.error());
  co_return std::move(*text);
}

}  // namespace lntpay
