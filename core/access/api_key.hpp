// API keys: who asks, in which workspace and environment, and what they may do.
//
// The text of a key is shown once and not stored. `{shard}/key/{pepper id}.{HMAC-SHA-256(pepper, text)}` holds everything
// that authentication needs, so one read answers it; `{tenant}/apikey/{key id}` names that row, for lists and revocation.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/access/scopes.hpp"
#include "core/request/idempotency_claim.hpp"
#include "core/tenant/listing.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

/// What a key may withdraw, fee limits included: each time, and on one day (UTC). None: no limit.
struct WithdrawLimits {
  std::optional<Msat> each;
  std::optional<Msat> daily;
  [[nodiscard]] bool any() const { return each || daily; }
};

struct ApiKey {
  static constexpr int row_version = 2;
  KeyId id;
  TenantScope tenant;
  std::string name;
  ScopeSet scopes;
  UnixMillis created_at;
  std::optional<UnixMillis> expires_at;
  std::optional<UnixMillis> revoked_at;
  std::string last4;
  WithdrawLimits limits;

  auto fields(this auto& self) {
    return std::tie(self.id, self.tenant.environment, self.tenant.workspace, self.name, self.scopes, self.created_at,
                    self.expires_at, self.revoked_at, self.last4, self.limits.each, self.limits.daily);
  }
  [[nodiscard]] bool works_at(UnixMillis now) const { return !revoked_at && (!expires_at || now < *expires_at); }
};

/// {"id","object":"api_key","name","environment","prefix","last4","scopes","created_at","expires_at","revoked_at",
/// "max_withdraw_sats","daily_withdraw_sats"}
std::string key_json(const ApiKey& key);
/// As `key_json`, with "key": the text, this one time.
std::string key_json(const ApiKey& key, std::string_view text);

/// The key that a bearer token is. Fails with unauthenticated, the same words and the same work for a token that is malformed,
/// unknown, revoked or expired; with storage_unavailable.
Task<Result<ApiKey>> authenticate(Context& cx, std::string token);

struct NewKey {
  std::string name;
  ScopeSet scopes;
  std::optional<UnixMillis> expires_at;
  WithdrawLimits limits;
};

/// Makes a key in the creator's workspace and environment; its answer, the key's text included, is the JSON.
/// Fails with: insufficient_scopes (details: required, missing) when it would grant what the creator does not have;
/// limit_exceeded when the creator may withdraw only so much and the new key could withdraw at all; invalid_request (scopes,
/// expires_at). Emits api_key.created.
Task<Result<std::string>> create_key(Context& cx, IdempotencyClaim claim, ApiKey creator, NewKey asked);

Task<Result<Listed<ApiKey>>> list_keys(Context& cx, TenantScope tenant, Page page);

/// Draws a new text for a key, which keeps its id, scopes, limits and what it spent; the former text works for `overlap` more, one
/// that was rolled before ends now. Yields the key with its text as JSON. Emits api_key.rolled.
/// Fails with not_found, invalid_state (revoked, expired), and as `create_key` where the caller could not have made such a key.
Task<Result<std::string>> roll_key(Context& cx, IdempotencyClaim claim, ApiKey caller, KeyId id, Millis overlap);

/// Ends a key for good; again is no error. Fails with not_found. Emits api_key.revoked the first time.
Task<Result<ApiKey>> revoke_key(Context& cx, TenantScope tenant, KeyId id);

/// A key before it is stored: drawn, with its text and the row's key under the first pepper.
struct GeneratedKey {
  ApiKey key;
  std::string text;
  std::string row_key;
};
GeneratedKey generate_key(const Settings& settings, const TenantScope& tenant, NewKey asked, UnixMillis now, Random& random);
/// Both rows of a new key.
void add_key_rows(WriteBatch& batch, const GeneratedKey& generated);

}  // namespace lntpay
