// API keys: records, and the authentication of a request.
//
// The text of a key is shown once and not stored. `{shard}/key/{pepper id}.{HMAC-SHA-256(pepper, text)}` holds everything that
// authentication needs, so it takes one read; `{tenant}/apikey/{key id}` points to that row, for lists, rolls and revocation.
// A key that another key created names that key and those above it: revoking one of them ends it, which takes a second read.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/access/grant.hpp"
#include "core/tenant/api_version.hpp"
#include "core/tenant/context.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

/// A key above another one. Withdrawals of the lower one count against its daily limit. In rows: "key_…:msat", "key_…:".
struct Ancestor {
  KeyId id;
  std::optional<Msat> daily;

  [[nodiscard]] std::string text() const { return id.text() + ":" + (daily ? std::to_string(daily->value) : ""); }
  static std::optional<Ancestor> parse(std::string_view text);
};

struct ApiKey {
  static constexpr int row_version = 5;
  static constexpr row::Earlier earlier_rows[] = {{.version = 3, .fields = 14}, {.version = 4, .fields = 15}};
  static constexpr std::size_t ancestors_max = 4;

  KeyId id;
  TenantScope tenant;
  std::string name;
  Grant grant;
  UnixMillis created_at;
  std::optional<UnixMillis> revoked_at;
  std::string last4;
  std::vector<Ancestor> ancestors;           ///< the key that created it first; empty: the operator did
  std::optional<UnixMillis> last_used_at{};  ///< of this text: the beginning of the hour, on the host's clock
  std::string api_version{api_versions[0]};  ///< of its requests that name none

  auto fields(this auto& self) {
    return std::tie(self.id, self.tenant.environment, self.tenant.workspace, self.name, self.grant.scopes, self.created_at,
                    self.grant.expires_at, self.revoked_at, self.last4, self.grant.limits.each, self.grant.limits.daily,
                    self.grant.allowed_cidrs, self.grant.rate, self.ancestors, self.last_used_at, self.api_version);
  }
  [[nodiscard]] bool works_at(UnixMillis now) const { return !revoked_at && (!grant.expires_at || now < *grant.expires_at); }
  [[nodiscard]] bool lacks_use_at(UnixMillis host_now) const { return last_used_at != hour_of(host_now); }
  [[nodiscard]] bool is_below(const KeyId& other) const;
};

/// `{tenant}/apikey/{key id}`: the keys of the row for the current text and for the previous one.
struct KeyPointer {
  static constexpr int row_version = 3;
  std::string row_key;
  std::string previous_row_key{};  ///< empty: never rolled
  std::optional<UnixMillis> revoked_at{};
  auto fields(this auto& self) { return std::tie(self.row_key, self.previous_row_key, self.revoked_at); }
};
std::string key_pointer_key(const TenantScope& tenant, std::string_view id = {});

/// `{shard}/key/{pepper id}.{hex hmac}` of a key's text
std::string key_row_key(Shard shard, const Pepper& pepper, std::string_view text);

/// {"id","object":"api_key","name","environment","prefix","last4","scopes","created_at","expires_at","revoked_at",
/// "max_withdraw_sats","daily_withdraw_sats","allowed_cidrs","rate","parent","last_used_at","api_version"}
std::string key_json(const ApiKey& key);
/// As `key_json`, with "key": the text, this one time.
std::string key_json(const ApiKey& key, std::string_view text);

/// The key of a bearer token. Fails with unauthenticated (same message and same work for a malformed, unknown, revoked or expired
/// token), storage_unavailable.
Task<Result<Stored<ApiKey>>> authenticate(Context& cx, std::string token);

/// Writes the hour of this use. A use that a change of the key overtakes is not written.
Task<Result<>> record_use(Context& cx, Stored<ApiKey> used);

/// When the first of a key's ancestors was revoked.
Task<Result<std::optional<UnixMillis>>> ancestors_revoked_at(Context& cx, ApiKey key);

struct NewKey {
  std::string name;
  Grant grant;
};

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
