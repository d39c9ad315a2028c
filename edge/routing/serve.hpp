// How a request passes: target, route, caller, limit, schemas, idempotency, handler; and back as one answer.
#pragma once
#include "core/tenant/context.hpp"
#include "edge/engine/contract.hpp"

namespace lntpay {

/// Answers every request; an error is an answer. What the operator should know of an error goes into `log`.
Task<Response> serve(Context& cx, Request request, std::vector<std::string>& log);

/// The route of a method and path; where only the method is wrong: the methods that are right.
struct RouteMatch {
  const struct Route* route = nullptr;
  std::vector<std::string> path;
  std::string allowed_methods;
};
RouteMatch match_route(std::string_view method, const std::vector<std::string>& segments);

/// The shard of the request: of its API key, or of the gate that it is about; else "00".
Shard place_request(const Request& request);

}  // namespace lntpay
