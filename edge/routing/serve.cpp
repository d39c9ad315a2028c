// The steps of a request. Each one either continues or ends with the error to return.
#include "edge/routing/serve.hpp"

#include <algorithm>
#include <ranges>

#include "core/access/key_text.hpp"
#include "core/charge/checkout_token.hpp"
#include "core/gate/browser.hpp"
#include "core/pay_link/pay_name.hpp"
#include "core/request/idempotency_key.hpp"
#include "core/request/rate_limit.hpp"
#include "core/request/request_log.hpp"
#include "core/tenant/enter_tenant.hpp"
#include "core/tenant/operator.hpp"
#include "edge/http/answer.hpp"
#include "edge/http/request.hpp"
#include "edge/pages/failure_page.hpp"
#include "edge/routing/route.hpp"

namespace lntpay {
namespace {

/// A route with the segments of its pattern: "v1", "charges", "{charge}".
struct Shape {
  const Route* route;
  std::vector<std::string_view> segments;
};

bool is_value(std::string_view segment) { return segment.starts_with('{'); }

/// All routes, in the order in which they are matched; made once, because every request is compared with most of them.
const std::vector<Shape>& shapes() {
  static const auto table = [] {
    std::vector<Shape> made;
    for (const auto& route : route_table() | std::views::join) {
      auto& shape = made.emplace_back(&route);
      for (auto rest = route.pattern.substr(1); !rest.empty();) shape.segments.push_back(row::cut(rest, '/'));
    }
    return made;
  }();
  return table;
}

bool matches(const Shape& shape, const std::vector<std::string>& segments) {
  return shape.segments.size() == segments.size() &&
         std::ranges::equal(shape.segments, segments, [](std::string_view expected, const std::string& segment) {
           return is_value(expected) ? !segment.empty() : expected == segment;
         });
}

bool takes(const Route& route, std::string_view method) {
  return route.method == method || (method == "HEAD" && route.method == "GET");
}

/// Added to the response, whether it succeeds or fails.
struct Trail {
  std::string version{api_version_newest};
  std::string_view rate_policy = "default";
  std::optional<ratelimit::SharedState> rate;
  std::string allowed_methods;
  bool is_page = false;     ///< of a route that browsers load
  bool for_wallet = false;  ///< of a route that wallets read
  std::string page_next;    ///< where the page of an error leads; empty: to its own URL

  std::optional<TenantScope> tenant;         ///< of the API key that made the request; nullopt: it is not logged
  LoggedRequest logged;                      ///< what the log gets of it
  LogWrite log_write{};                      ///< of a request that succeeds
  std::optional<Stored<ApiKey>> key_in_use;  ///< if its row lacks this hour of use
};

/// The error of a failed authentication. It is limited to a tenth of a workspace's rate for each client, whatever key it sends.
Task<Error> refused_credential(Context& cx, const Request& request, Error error) {
  const RateLimit limit{std::max(cx.settings.rate.quota / 10, 1U), cx.settings.rate.window_s};
  const auto taken = co_await attempt(ratelimit::take(cx, ratelimit::auth_rate_key(client_of(request)), limit));
  co_return !taken || taken->allowed ? std::move(error) : ratelimit::exceeded(*taken);
}

std::optional<std::string_view> named_version(const Request& request) {
  const auto named = std::ranges::find(request.headers, std::string_view("lntpay-version"), &Header::name);
  return named == request.headers.end() ? std::nullopt : std::optional<std::string_view>(named->value);
}

/// Who calls: an API key, the operator, or everybody. Fails with unauthenticated.
Task<Result<>> identify(Context& cx, const Route& route, const Request& request, Call& call, Trail& trail) {
  cx.caller.address = client_address(request);
  if (route.access == Access::open) co_return {};
  const auto token = bearer_token(request);
  if (route.access == Access::operator_token) {
    if (!is_operator(cx.settings, token)) {
      auto wrong = fail(ErrorCode::unauthenticated, "This route needs the operator's token. Send it as Authorization: Bearer …");
      co_return std::unexpected(co_await refused_credential(cx, request, std::move(wrong.error())));
    }
    call.tenant = operator_tenant();
    cx.caller.id = "operator";
    co_return {};
  }
  auto key = co_await attempt(authenticate(cx, std::string(token)));
  if (!key && key.error().code == ErrorCode::unauthenticated)
    co_return std::unexpected(co_await refused_credential(cx, request, std::move(key.error())));
  auto stored = co_await std::move(key);
  if (stored.record.lacks_use_at(cx.host_now())) trail.key_in_use = stored;
  call.key = std::move(stored.record);
  call.tenant = co_await enter_tenant(cx, call.key.tenant);
  call.key.tenant = call.tenant;
  cx.caller.id = call.key.id.text();
  trail.tenant = call.tenant;
  // A POST that takes no Idempotency-Key changes nothing. Gates are asked for every request that they sell.
  const bool is_read = route.method == "GET" || (route.method == "POST" && route.idempotency == IdempotencyUse::ignored);
  const bool is_sale = route.rate_class != ratelimit::RateClass::standard;
  trail.log_write = is_read || is_sale ? LogWrite::with_others : LogWrite::at_once;
  co_return {};
}

/// What the key may do. After `limit`, so that requests without permission count too.
Task<Result<>> permit(const Route& route, const Request& request, const Call& call) {
  if (route.access != Access::key) co_return {};
  co_await require_scopes(call.key.grant.scopes, route.scopes);
  if (!call.key.grant.allowed_cidrs.empty() && !call.key.grant.allows_client(client_address(request))) {
    co_return fail(ErrorCode::limit_exceeded, "This API key may not be used from this address. Use it from one of its networks.");
  }
  if (route.sandbox_only && call.tenant.environment != Environment::test) {
    co_return fail(ErrorCode::environment_mismatch, "The sandbox accepts test keys only (lnt_test_…).");
  }
  co_return {};
}

/// The error that the sandbox returns by request.
Result<> inject_error(const Context& cx, const Route& route) {
  if (!cx.sandbox.error || route.sandbox_only) return {};
  Error error{.code = *cx.sandbox.error};
  const auto status = info(error.code).status;
  if (info(error.code).sentence.contains("Retry-After") || status == 503) error.retry_after_s = 1;
  return std::unexpected(std::move(error));
}

/// The shard of what a path without a key names.
Shard place_of_path(std::string_view path) {
  const auto take = [&path](std::string_view begin) {
    const bool found = path.starts_with(begin);
    if (found) path.remove_prefix(begin.size());
    return found;
  };
  if (take("/pay/")) return shard_of_checkout(path).value_or(Shard{});
  if (take("/.well-known/lnurlp/")) return shard_of_name(row::cut(path, '/'));
  if (!take("/gate/")) return {};
  const auto gate = GateId::parse(row::cut(path, '/'));
  return gate ? gate->shard() : Shard{};
}

/// Of a client without a key: the rate of a workspace.
Task<Result<>> limit_client(Context& cx, Shard shard, const Request& request, Trail& trail) {
  const auto& rate = cx.settings.rate;
  trail.rate = {co_await ratelimit::take(cx, ratelimit::client_rate_key(shard, client_of(request)), rate), rate};
  if (!trail.rate->state.allowed) co_return std::unexpected(ratelimit::exceeded(trail.rate->state));
  co_return {};
}

Task<Result<>> limit(Context& cx, const Route& route, const Call& call, Trail& trail) {
  if (route.per_client) {
    co_return co_await attempt(limit_client(cx, place_of_path(split_target(call.request.target).first), call.request, trail));
  }
  if (route.access != Access::key) co_return {};
  const auto shared = ratelimit::shared_limit(route.rate_class, cx.settings.rate, call.key.grant.rate);
  trail.rate = co_await ratelimit::take_shared(cx, call.tenant, shared, call.key.id.text());
  trail.rate_policy = ratelimit::policy_name(shared.rate_class);
  if (!trail.rate->state.allowed) co_return std::unexpected(ratelimit::exceeded(trail.rate->state));
  co_return {};
}

Result<> check(const Route& route, const Request& request, const Target& target, Call& call) {
  if (!request.body.empty()) {
    if (auto json = expect_json(request); !json) return json;
  }
  auto body = validate(route.body, request.body);
  if (!body) return std::unexpected(body.error());
  auto query = validate_query(route.query, target.query);
  if (!query) return std::unexpected(query.error());
  call.body = std::move(*body);
  call.query = std::move(*query);
  // A cursor belongs to one list with its filters; `cursor` and `limit` may differ between pages.
  call.list = target.raw_path;
  for (const auto& [name, value] : target.query) {
    if (name != "cursor" && name != "limit") call.list.append("&").append(name).append("=").append(value);
  }
  return {};
}

using Claimed = std::variant<IdempotencyClaim, idempotency::StoredAnswer>;

Task<Result<Claimed>> claim(Context& cx, const Route& route, const Request& request, const Target& target, const Call& call,
                            Trail& trail) {
  if (route.idempotency == IdempotencyUse::ignored) co_return IdempotencyClaim{};
  const auto key = co_await idempotency::read_key(request.headers);
  if (!key) {
    if (route.idempotency == IdempotencyUse::required) co_return fail(ErrorCode::idempotency_key_required);
    co_return IdempotencyClaim{};
  }
  trail.logged.idempotency_key = *key;
  const auto print = idempotency::fingerprint(request.method, target.raw_path, target.raw_query, request.body);
  co_return co_await idempotency::claim_key(cx, call.tenant,
                                            {.key = *key,
                                             .fingerprint = print,
                                             .success_status = route.success,
                                             .retention = route.answer_kept,
                                             .requester = route.access == Access::key ? call.key.id.text() : std::string(),
                                             .answer_is_secret = route.answer_is_secret});
}

/// Whether a retry with the same key should resume this request: its effects may have happened.
bool may_resume(ErrorCode code) {
  return code == ErrorCode::internal_error || code == ErrorCode::node_unavailable || code == ErrorCode::storage_unavailable ||
         code == ErrorCode::overloaded;
}

/// A client books such a refusal as "not paid": a retry by its queue must not pay after all, once there is money.
bool is_refusal_for_money(ErrorCode code) {
  return code == ErrorCode::insufficient_funds || code == ErrorCode::fee_limit_too_low || code == ErrorCode::limit_exceeded;
}

Task<Result<Response>> answer(Context& cx, const Request& request, Trail& trail) {
  const auto target = co_await parse_target(request.target);
  auto match = match_route(request.method, target.segments);
  if (match.route == nullptr) {
    const bool is_preflight = request.method == "OPTIONS" && !match.allowed_methods.empty();
    if (!is_preflight) co_await limit_client(cx, Shard{}, request, trail);
    if (match.allowed_methods.empty())
      co_return fail(ErrorCode::not_found, "There is no such path. Check its spelling, and that it begins with /v1/.");
    trail.allowed_methods = match.allowed_methods;
    if (is_preflight) co_return preflight_answer(match.allowed_methods);
    co_return fail(ErrorCode::method_not_allowed, "This path takes " + match.allowed_methods + ".");
  }
  const auto& route = *match.route;
  trail.is_page = route.is_page;
  trail.for_wallet = route.for_wallet;
  // The page that has the form, since a form's own URL has no page.
  if (route.is_page && route.method != "GET") trail.page_next = "../" + match.path[0];
  Call call{.cx = cx, .request = request, .path = std::move(match.path)};
  co_await identify(cx, route, request, call, trail);
  if (route.access == Access::key) trail.version = call.key.api_version;
  co_await limit(cx, route, call, trail);
  co_await permit(route, request, call);
  trail.version = co_await version_for(named_version(request), trail.version);
  co_await inject_error(cx, route);
  co_await check(route, request, target, call);
  auto claimed = co_await claim(cx, route, request, target, call, trail);
  if (auto* stored = std::get_if<idempotency::StoredAnswer>(&claimed)) {
    auto replay = json_answer(stored->status, std::move(stored->body));
    mark_replayed(replay);
    trail.logged.replayed = true;
    co_return replay;
  }
  call.claim = std::get<IdempotencyClaim>(std::move(claimed));
  auto body = co_await attempt(route.handler(call));
  if (body) {
    const auto status = call.status != 0 ? call.status : route.success;
    auto good = body->empty() ? empty_answer(status) : json_answer(status, std::move(*body));
    for (auto& header : call.headers) {
      if (header.name == "content-type") {
        set_header(good, header.name, header.value);
      } else {
        good.headers.push_back(std::move(header));
      }
    }
    co_return good;
  }
  auto error = std::move(body.error());
  if (route.idempotency == IdempotencyUse::required && is_refusal_for_money(error.code)) {
    // Fails if the refusal cannot be stored: a request that may be paid by its retry was not refused.
    co_await idempotency::refuse(cx, call.claim, error);
  } else {
    co_await attempt(may_resume(error.code) ? idempotency::pause(cx, call.claim) : idempotency::release(cx, call.claim));
  }
  co_return std::unexpected(std::move(error));
}

Response failed_answer(const Request& request, const Error& error, const Trail& trail, std::string_view request_id) {
  const bool with_page = trail.is_page && is_browser(request.headers);
  return with_page ? failure_page(error, request.headers, trail.page_next) : error_answer(error, request_id, trail.for_wallet);
}

/// The path as it is logged: without the query, cut off between two characters.
std::string logged_path(std::string_view target) {
  auto path = split_target(target).first;
  if (path.size() <= LoggedRequest::path_bytes_max) return std::string(path);
  auto end = LoggedRequest::path_bytes_max;
  while (end > 0 && (static_cast<unsigned char>(path[end]) & 0xC0U) == 0x80U) --end;
  return std::string(path.substr(0, end));
}

/// After the response is made: nothing that fails here changes it.
Task<Result<>> leave_trail(Context& cx, const Request& request, Trail& trail) {
  auto& logged = trail.logged;
  logged.api_key = cx.caller.id;
  logged.method = request.method;
  logged.path = logged_path(request.target);
  const bool is_failure = !logged.error.empty() && logged.status != 429;
  co_await attempt(log_request(cx, *trail.tenant, std::move(logged), is_failure ? LogWrite::at_once : trail.log_write));
  if (trail.key_in_use) co_await attempt(record_use(cx, *std::move(trail.key_in_use)));
  co_return {};
}

}  // namespace

RouteMatch match_route(std::string_view method, const std::vector<std::string>& segments) {
  RouteMatch found;
  std::vector<const Shape*> fitting;
  auto values_min = static_cast<std::ptrdiff_t>(segments.size() + 1);
  for (const auto& shape : shapes()) {
    if (!matches(shape, segments)) continue;
    const auto values = std::ranges::count_if(shape.segments, is_value);
    // "/v1/api_keys/current" is a path of its own: what it does not take, "/v1/api_keys/{key}" does not take in its place.
    if (values < values_min) fitting.clear();
    if (values <= values_min) fitting.push_back(&shape);
    values_min = std::min(values_min, values);
  }
  const auto taking = std::ranges::find_if(fitting, [&](const auto* shape) { return takes(*shape->route, method); });
  if (taking != fitting.end()) {
    found.route = (*taking)->route;
    for (std::size_t i = 0; i < segments.size(); ++i) {
      if (is_value((*taking)->segments[i])) found.path.push_back(segments[i]);
    }
    return found;
  }
  for (const auto* shape : fitting) {
    found.allowed_methods.append(found.allowed_methods.empty() ? "" : ", ").append(shape->route->method);
    if (shape->route->method == "GET") found.allowed_methods.append(", HEAD");
  }
  if (!found.allowed_methods.empty()) found.allowed_methods.append(", OPTIONS");
  return found;
}

Task<Response> serve(Context& cx, Request request, std::vector<std::string>& log) {
  const auto request_id = RequestId::generate(Shard{}, cx.now(), cx.random);
  cx.request_id = request_id.text();
  Trail trail;
  trail.logged.id = request_id;
  trail.logged.at = cx.host_now();
  auto answered = co_await attempt(answer(cx, request, trail));
  auto response = answered ? std::move(*answered) : failed_answer(request, answered.error(), trail, request_id.text());
  if (!answered && is_logged(answered.error())) log.push_back(request_id.text() + " " + answered.error().message);
  if (trail.rate) add_rate_limit(response, trail.rate_policy, trail.rate->limit, trail.rate->state);
  if (trail.tenant) {
    trail.logged.status = response.status;
    if (!answered) trail.logged.error = info(public_code(answered.error().code)).name;
    co_await attempt(leave_trail(cx, request, trail));
  }
  if (!trail.allowed_methods.empty()) set_header(response, "allow", trail.allowed_methods);
  finish(response, request_id.text(), trail.version);
  co_return response;
}

Shard place_request(const Request& request) {
  if (const auto key = parse_key_text(bearer_token(request))) return key->shard;
  return place_of_path(split_target(request.target).first);
}

}  // namespace lntpay
