// API keys: authentication of a request's workspace, environment and scopes.
//
// The text of a key is shown once and not stored. `{shard}/key/{pepper id}.{HMAC-SHA-256(pepper, text)}` holds everything that
// authentication needs, so it takes one read; `{tenant}/apikey/{key id}` points to that row, for lists, rolls and revocation.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/access/scopes.hpp"
#include "core/request/idempotency_claim.hpp"
#include "core/tenant/listing.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

/// The amounts that a key may withdraw, fee limits included: per withdrawal, and per day (UTC). nullopt: no limit.
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

/// The key of a bearer token. Fails with unauthenticated (same message and same work for a malformed, unknown, revoked or expired
/// token), storage_unavailable.
Task<Result<ApiKey>> authenticate(Context& cx, std::string token);

struct NewKey {
  std::string name;
  ScopeSet scopes;
  std::optional<UnixMillis> expires_at;
  WithdrawLimits limits;
};

/// Creates a key in the creator's workspace and environment; yields `key_json` with the text. Emits api_key.created.
/// Fails with: insufficient_scopes (details: required, missing) if the creator lacks a scope; limit_exceeded if the creator has a
/// withdrawal limit and the new key could withdraw; invalid_request (scopes, expires_at).
Task<Result<std::string>> create_key(Context& cx, IdempotencyClaim claim, ApiKey creator, NewKey asked);

Task<Result<Listed<ApiKey>>> list_keys(Context& cx, TenantScope tenant, Page page);

/// Rolls a key: a new text, with the same id, scopes, limits and spent amounts. The previous text works for `overlap` more; one
/// before that ends now. Yields `key_json` with the text. Emits api_key.rolled.
/// Fails with not_found, invalid_state (revoked, expired), and as `create_key` if the caller could not have created such a key.
Task<Result<std::string>> roll_key(Context& cx, IdempotencyClaim claim, ApiKey caller, KeyId id, Millis overlap);

/// Revokes a key; idempotent. Fails with not_found. Emits api_key.revoked the first time.
Task<Result<ApiKey>> revoke_key(Context& cx, TenantScope tenant, KeyId id);

/// A new key that is not stored yet, with its text and its row's key under the first pepper.
struct GeneratedKey {
  ApiKey key;
  std::string text;
  std::string row_key;
};
GeneratedKey generate_key(const Settings& settings, const TenantScope& tenant, NewKey asked, UnixMillis now, Random& random);
/// Both rows of a new key.
void add_key_rows(WriteBatch& batch, const GeneratedKey& generated);

}  // namespace lntpay
