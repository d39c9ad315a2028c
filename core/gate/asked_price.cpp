// The question, its answer, and the answers that are kept.
#include "core/gate/asked_price.hpp"

#include <algorithm>

#include "core/base/ascii.hpp"
#include "core/base/json.hpp"
#include "core/base/json_reader.hpp"
#include "core/gate/cache.hpp"
#include "core/webhook/egress/egress.hpp"

namespace lntpay {
namespace {

constexpr Millis price_kept_max = days(1);
constexpr std::uint32_t price_retry_after_s = 5;

/// A price, and how long it holds for the same question.
struct AskedPrice {
  Msat price;
  Millis kept{};
};

std::string question(const Gate& gate, const RequestMatch& resource, std::optional<std::uint64_t> size) {
  return JsonObject{}
      .add("gate_id", gate.id.text())
      .add("method", resource.method)
      .add("path", resource.path)
      .raw("size", size ? std::to_string(*size) : "null")
      .text();
}

/// The price in an answer; the error is the reason why there is none.
std::expected<AskedPrice, std::string> price_in(const Reply& reply, Msat price_max) {
  const auto* answered = std::get_if<Answered>(&reply);
  if (answered == nullptr) return std::unexpected("it did not answer");
  const auto& response = answered->response;
  if (response.status != 200) return std::unexpected("it answered " + std::to_string(response.status));
  const auto json = read_json(response.body);
  const auto* member = json ? json->find("price_sats") : nullptr;
  const auto sats = member != nullptr ? member->whole() : std::nullopt;
  if (!sats || *sats == 0 || *sats > price_max.value / 1'000)
    return std::unexpected("price_sats in its answer is no whole number from 1 to the gate's price_sats");
  return AskedPrice{Msat{*sats * 1'000}, kept_for(response.headers)};
}

std::unexpected<Error> no_price(const Context& cx, const std::string& reason) {
  Error error{.code = ErrorCode::price_unavailable, .retry_after_s = price_retry_after_s};
  if (!cx.caller.id.empty()) error.message = "The gate's price_url has no price for this request: " + reason + ".";
  return std::unexpected(std::move(error));
}

/// The engine gives every session a GateCache or none.
GateCache* prices_of(const Context& cx) { return static_cast<GateCache*>(cx.cache); }

}  // namespace

Millis kept_for(const std::vector<Header>& headers) {
  constexpr std::string_view max_age = "max-age=";
  Millis kept;
  for (const auto& [name, value] : headers) {
    if (name != "cache-control") continue;
    auto rest = std::string_view(value);
    while (!rest.empty()) {
      const auto directive = ascii_lower(trimmed(row::cut(rest, ',')));
      if (directive == "no-store" || directive == "no-cache") return {};
      if (!directive.starts_with(max_age)) continue;
      const auto age_s = parse_integer<std::uint32_t>(std::string_view(directive).substr(max_age.size())).value_or(0);
      kept = std::min(seconds(age_s), price_kept_max);
    }
  }
  return kept;
}

Task<Result<Quote>> quote_for(Context& cx, const EnteredGate& at, RequestMatch resource, std::optional<std::uint64_t> size) {
  const auto& gate = at.gate;
  Quote quote{.resource = std::move(resource), .price = gate.price};
  if (gate.price_url.empty()) co_return std::move(quote);
  quote.size = size;
  auto asked = question(gate, quote.resource, size);
  auto* cache = prices_of(cx);
  if (const auto known = cache != nullptr ? cache->find_price(asked, cx.host_now()) : std::nullopt) {
    quote.price = *known;
    co_return std::move(quote);
  }
  if (const auto allowed = check_egress_url(gate.price_url, cx.settings.egress, at.tenant.environment); !allowed)
    co_return no_price(cx, allowed.error());
  const auto generation = cache != nullptr ? cache->generation() : 0;
  std::vector<Outgoing> requests;
  requests.push_back({.upstream = "webhook",
                      .method = "POST",
                      .target = gate.price_url,
                      .headers = {{"content-type", "application/json"}, {"user-agent", "LNTPay-Prices/1"}},
                      .body = asked,
                      .timeout_ms = price_timeout_ms,
                      .lines = 0,
                      .once = false,
                      .body_limit = 4'096,
                      .workspace = at.tenant.workspace.text()});
  const auto replies = co_await cx.fetch.send_all(std::move(requests));
  co_await invariant(replies.size() == 1, "a request has a reply");
  const auto answer = price_in(replies.front(), gate.price);
  if (!answer) co_return no_price(cx, answer.error());
  quote.price = answer->price;
  if (cache != nullptr && answer->kept > Millis{})
    cache->keep_price(std::move(asked), {quote.price, cx.host_now(), cx.host_now() + answer->kept}, generation);
  co_return std::move(quote);
}

Task<Result<bool>> covers_price(Context& cx, const EnteredGate& at, Terms terms, RequestMatch resource,
                                std::optional<std::uint64_t> size) {
  const bool is_within_size = !terms.size || (size && *size <= *terms.size);
  // A request whose price was asked when it was sold has that price; a pass is sold for many.
  if (is_within_size && (at.gate.price_url.empty() || terms.mode == GateMode::per_request)) co_return true;
  const auto quote = co_await quote_for(cx, at, std::move(resource), size);
  co_return quote.price <= terms.price;
}

Result<> check_price_url(const Context& cx, const TenantScope& tenant, std::string_view url) {
  if (url.empty()) return {};
  const auto allowed = check_egress_url(url, cx.settings.egress, tenant.environment);
  if (allowed) return {};
  return fail(ErrorCode::invalid_request, "The price_url cannot be used: " + allowed.error() + ".", "price_url");
}

}  // namespace lntpay
