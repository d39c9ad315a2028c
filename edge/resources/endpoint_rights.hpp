// The rights of a key over webhook endpoints: one that receives more than the key may read is not the key's to use.
#pragma once
#include "core/access/event_access.hpp"
#include "core/webhook/endpoint/endpoint.hpp"
#include "edge/routing/route.hpp"

namespace lntpay {

/// The endpoint in the path, all of whose events the key may read. Fails with not_found, insufficient_scopes.
inline Task<Result<Endpoint>> readable_endpoint(Call& call) {
  auto endpoint = co_await get_endpoint(call.cx, call.tenant, co_await path_id<EndpointId>(call));
  co_await require_readable(call.key.grant.scopes, endpoint.received());
  co_return endpoint;
}

/// What an endpoint receives when this key chooses its types. Fails with insufficient_scopes.
/// Of all types (*), it receives those that the key may read.
inline Result<std::optional<EventTypes>> allowed_types(const Call& call, std::vector<EventPattern> chosen) {
  const auto scopes = call.key.grant.scopes;
  std::erase(chosen, every_event);
  if (auto readable = require_readable(scopes, types_matching(chosen)); !readable) return std::unexpected(readable.error());
  const auto types = readable_events(scopes);
  return types == EventTypes::all() ? std::nullopt : std::optional(types);
}

}  // namespace lntpay
