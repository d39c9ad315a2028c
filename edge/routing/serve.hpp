// A request's way through the edge: target, route, caller, rate limit, validation, idempotency, handler, response.
#pragma once
#include "core/tenant/context.hpp"
#include "edge/contract/contract.hpp"

namespace lntpay {

/// Answers every request; an error is a response. Internal errors are added to `log`.
Task<Response> serve(Context& cx, Request request, std::vector<std::string>& log);

/// The route of a method and path; if only the method is wrong, the allowed methods.
struct RouteMatch {
  const struct Route* route = nullptr;
  std::vector<std::string> path;
  std::string allowed_methods;
};
RouteMatch match_route(std::string_view method, const std::vector<std::string>& segments);

/// The shard of the request: of its API key, checkout link or gate; default: "00".
Shard place_request(const Request& request);

}  // namespace lntpay
