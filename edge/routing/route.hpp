// One row of the route table: everything that is known about a route, from which routing, validation, authorisation,
// idempotency and tests are made. The table itself: table.cpp. How a request passes through it: serve.cpp.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/access/api_key.hpp"
#include "core/request/idempotency.hpp"
#include "core/tenant/listing.hpp"
#include "edge/engine/contract.hpp"
#include "edge/http/page.hpp"
#include "edge/http/schema.hpp"

namespace lntpay {

/// Who may call: anybody, the operator by their token, or a key with the route's scopes.
enum class Access : std::uint8_t { open, operator_token, key };

/// Whether a request may, or must, carry an Idempotency-Key. `ignored`: repeating the request does no harm by nature.
enum class IdempotencyUse : std::uint8_t { ignored, accepted, required };

/// A request on its way through a handler: authorised, checked against the route's schemas, its idempotency key claimed.
struct Call {
  Context& cx;
  const Request& request;
  ApiKey key{};                   ///< of the caller, for Access::key
  TenantScope tenant;             ///< of the key
  std::vector<std::string> path;  ///< what stood for the pattern's `{…}`, in order
  Body body;
  Body query;
  std::string list;  ///< names this list in its cursors: the route with its filters
  IdempotencyClaim claim;
  std::uint16_t status = 0;       ///< set by a handler that answers with another one than `success`
  std::vector<Header> headers{};  ///< the handler's own, for the answer; content-type in place of JSON's
};

/// Yields the answer's body; its status is the route's `success`.
using Handler = Task<Result<std::string>> (*)(Call&);

struct Route {
  std::string_view method;
  std::string_view pattern;  ///< "/v1/charges/{charge}": `{…}` stands for one segment
  Prose summary;
  Handler handler = nullptr;
  Access access = Access::key;
  ScopeSet scopes{};
  bool sandbox_only = false;
  bool per_client = false;  ///< open to everybody, each by their address within the rate of a workspace
  IdempotencyUse idempotency = IdempotencyUse::ignored;
  Millis answer_kept = idempotency::retention_default;
  Schema body{};
  Schema query{};
  std::uint16_t success = 200;
  std::uint16_t other_success = 0;  ///< a second one, where the handler may set `Call::status`
  Promised<Field> answer{};         ///< of the object, or of a list's items
  bool list = false;
  /// Content types where the body is not JSON; the handler says in `call.headers` which one it is.
  std::span<const std::string_view> media{};
  Promised<ErrorCode> errors{};  ///< beside those that every route of its kind can answer
};

/// All routes.
std::span<const Route> route_table();

/// An id in the path that cannot be one is answered as one that does not exist: not_found.
template <class AnyId>
Result<AnyId> path_id(const Call& call, std::size_t index = 0) {
  auto id = AnyId::parse(call.path[index]);
  if (!id) return fail(ErrorCode::not_found);
  return std::move(*id);
}

/// The workspace in the path and the environment in the query, as an operator names them. Fails with not_found.
Task<Result<TenantScope>> named_tenant(const Call& call);

}  // namespace lntpay
