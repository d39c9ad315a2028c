// Operations on API keys: create, list, get, change, roll, revoke.
#pragma once
#include <string>

#include "core/access/api_key.hpp"
#include "core/request/idempotency_claim.hpp"
#include "core/tenant/listing.hpp"

namespace lntpay {

/// Who creates keys of a workspace: an API key, within its grant, or the operator.
struct KeyMaker {
  TenantScope tenant;
  Grant grant;
  std::vector<Ancestor> line{};  ///< the ancestors of a key that it creates

  explicit KeyMaker(const ApiKey& key);
  /// The operator.
  explicit KeyMaker(TenantScope of) : tenant(std::move(of)), grant{.scopes = ScopeSet::all()} {}
};

/// Creates a key within the maker's grant; yields `key_json` with the text. Emits api_key.created.
/// Fails as `granted`; limit_exceeded if the maker has four keys above it.
Task<Result<std::string>> create_key(Context& cx, IdempotencyClaim claim, KeyMaker maker, NewKey asked);

/// Newest first. A key below a revoked one is shown as revoked.
Task<Result<Listed<ApiKey>>> list_keys(Context& cx, TenantScope tenant, Page page);

/// Fails with not_found.
Task<Result<ApiKey>> get_key(Context& cx, TenantScope tenant, KeyId id);

/// What changes; nullopt: it stays.
struct KeyChange {
  std::optional<std::string> name;
  std::optional<std::string> api_version;
};

/// Changes a key, in one commit with its note in the audit trail.
/// Fails with not_found, and as `granted` if the key may do more than the caller.
Task<Result<ApiKey>> change_key(Context& cx, ApiKey caller, KeyId id, KeyChange change);

/// Rolls a key: a new text, with the same id, grant and spent amounts. The previous text works for `overlap` more; one before that
/// ends now. Yields `key_json` with the text. Emits api_key.rolled.
/// Fails with not_found, invalid_state (revoked, expired), and as `granted` if the key may do more than the caller, as a key may do
/// more than its previous text, which expires. A caller with a daily limit rolls only itself and keys below it, because only their
/// withdrawals count against it.
Task<Result<std::string>> roll_key(Context& cx, IdempotencyClaim claim, ApiKey caller, KeyId id, Millis overlap);

struct RevokedKey {
  ApiKey key;
  bool last_maker = false;  ///< no key of the workspace and environment is left that can create keys
};

/// Revokes a key, and with it those below it; idempotent. Emits api_key.revoked the first time.
/// Fails with not_found, and as `granted` if the key may do more than the caller.
Task<Result<RevokedKey>> revoke_key(Context& cx, ApiKey caller, KeyId id);

}  // namespace lntpay
