// Rate limits. Most are volatile rows: a lost row grants a fresh quota. Where that is not acceptable (core/gate/challenge) the row
// is durable.
#pragma once
#include <string>

#include "core/request/gcra.hpp"
#include "core/tenant/context.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay::ratelimit {

/// `standard`: most routes. `gate`: challenges and their verification, with ten times the quota, so that selling needs no raised
/// limit and does not use up what the rest of the API has. `redemption`: commits and releases, with twice that, so that a use that
/// a verification reserved can always be ended. `stream`: the parts of event streams, with as much as gates.
enum class RateClass : std::uint8_t { standard, gate, redemption, stream };

/// The quota of a workspace and the part of it that one key can use. While others have used up the quota, a key still has an equal
/// part of it: the quota divided by the number of keys in use. What it takes then is repaid before the others pass again.
struct SharedLimit {
  RateClass rate_class = RateClass::standard;
  RateLimit workspace;
  RateLimit key;
};
/// `key_quota`: the key's own, in the standard class. It is three quarters of the workspace's at most, and by default, so that a
/// key never takes all.
SharedLimit shared_limit(RateClass rate_class, const RateLimit& standard, std::optional<std::uint32_t> key_quota);

/// The name of the class in the RateLimit headers.
std::string_view policy_name(RateClass rate_class);

/// The decision, and the limit that it refers to: the one of which less is left.
struct SharedState {
  RateState state;
  RateLimit limit;
};

/// Takes one request from both quotas, which are one row: `~{tenant}/rate`, or one of its class (`…/gate_rate`); test and
/// live have separate ones. If the store fails the request passes: an operation that must not fails at its own commit.
Task<Result<SharedState>> take_shared(Context& cx, TenantScope tenant, SharedLimit limit, std::string key_id);

/// `~{shard}/client/{address}`: for a client without a key.
std::string client_rate_key(Shard shard, std::string_view client);
/// `~00/auth/{address}`: for failed authentication, whatever shard the client names.
std::string auth_rate_key(std::string_view client);

/// Takes one request from the quota under this key, volatile or durable. A failing store lets the request pass, as above.
Task<Result<RateState>> take(Context& cx, std::string key, RateLimit limit);

/// The 429 for a state that is not allowed.
Error exceeded(const RateState& state);

}  // namespace lntpay::ratelimit
