// A route: one declaration from which routing, validation, authorization, idempotency and tests are derived. Each resource declares
// its own in edge/resources; serve.cpp runs a request through its route.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/access/api_key.hpp"
#include "core/request/idempotency.hpp"
#include "core/request/rate_limit.hpp"
#include "core/tenant/listing.hpp"
#include "edge/contract/contract.hpp"
#include "edge/http/page.hpp"
#include "edge/http/schema.hpp"

namespace lntpay {

/// Who may call: everybody, the operator with their token, or an API key with the scopes of the route.
enum class Access : std::uint8_t { open, operator_token, key };

/// Whether a request may, or must, carry an Idempotency-Key. `ignored`: the request is idempotent by nature. `required`: it moves
/// money, so a refusal for money is stored as its answer (serve.cpp).
enum class IdempotencyUse : std::uint8_t { ignored, accepted, required };

/// A request in its handler: authorized, validated, its idempotency key claimed.
struct Call {
  Context& cx;
  const Request& request;
  ApiKey key{};                   ///< the caller's, for Access::key
  TenantScope tenant;             ///< of that key
  std::vector<std::string> path;  ///< the values of the pattern's `{…}`, in order
  Body body;
  Body query;
  std::string list;  ///< identifies the list in cursors: the route with its filters
  IdempotencyClaim claim;
  std::uint16_t status = 0;       ///< set by a handler that does not answer with `success`
  std::vector<Header> headers{};  ///< added to the response; a content-type replaces JSON's
};

/// Returns the body of the response; its status is the route's `success`.
using Done = Task<Result<std::string>>;
using Handler = Done (*)(Call&);

struct Route {
  std::string_view method;
  std::string_view pattern;  ///< "/v1/charges/{charge}": `{…}` matches one segment
  Prose summary;
  Handler handler = nullptr;
  Access access = Access::key;
  ScopeSet scopes{};
  bool sandbox_only = false;
  bool per_client = false;  ///< for Access::open: the rate of a workspace applies to each client address
  ratelimit::RateClass rate_class = ratelimit::RateClass::standard;  ///< for Access::key
  IdempotencyUse idempotency = IdempotencyUse::ignored;
  Millis answer_kept = idempotency::retention_default;
  bool answer_is_secret = false;  ///< it shows a key or a signing secret: repeated only to the API key that made the request
  Schema body{};
  Schema query{};
  std::uint16_t success = 200;
  std::uint16_t other_success = 0;  ///< another status that the handler may set in `Call::status`
  Promised<Field> answer{};         ///< the object, or the items of a list
  bool list = false;
  /// Content types of a body that is not JSON; the handler sets the one in `call.headers`.
  std::span<const std::string_view> media{};
  bool is_page = false;          ///< browsers load it, or send its form: they get a page in place of an error
  bool for_wallet = false;       ///< wallets read it: an error has the members of LNURL too
  Promised<ErrorCode> errors{};  ///< beside those of every route of its kind
};

/// The routes of all resources, in the order in which they are matched.
std::span<const std::span<const Route>> route_table();

/// An id in the path. Fails with not_found if it is malformed: it cannot exist.
template <class AnyId>
Result<AnyId> path_id(const Call& call, std::size_t index = 0) {
  auto id = AnyId::parse(call.path[index]);
  if (!id) return fail(ErrorCode::not_found);
  return std::move(*id);
}

/// The workspace in the path and the environment in the query of an operator's request. Fails with not_found.
Task<Result<TenantScope>> named_tenant(const Call& call);

}  // namespace lntpay
