// Rows of API keys, and authentication.
#include "core/access/api_key.hpp"

#include <algorithm>

#include "core/access/key_text.hpp"
#include "core/base/encoding.hpp"
#include "core/crypto/sha256.hpp"

namespace lntpay {

std::optional<Ancestor> Ancestor::parse(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == text.npos) return std::nullopt;
  const auto id = KeyId::parse(text.substr(0, colon));
  if (!id) return std::nullopt;
  Ancestor ancestor{*id, std::nullopt};
  if (!row::read(text.substr(colon + 1), ancestor.daily)) return std::nullopt;
  return ancestor;
}

bool ApiKey::is_below(const KeyId& other) const { return std::ranges::contains(ancestors, other, &Ancestor::id); }

std::string key_pointer_key(const TenantScope& tenant, std::string_view id) {
  return tenant.without_generation().key("apikey/").append(id);
}

std::string key_row_key(Shard shard, const Pepper& pepper, std::string_view text) {
  std::string key(shard.text());
  key.append("/key/").append(pepper.id).append(".");
  return key.append(hex(hmac_sha256(pepper.key.reveal(), bytes_of(text))));
}

Task<Result<std::optional<UnixMillis>>> ancestors_revoked_at(Context& cx, ApiKey key) {
  std::optional<UnixMillis> revoked_at;
  if (key.ancestors.empty()) co_return revoked_at;
  std::vector<std::string> pointers;
  for (const auto& ancestor : key.ancestors) pointers.push_back(key_pointer_key(key.tenant, ancestor.id.text()));
  for (const auto& entry : co_await cx.store.get_all(std::move(pointers))) {
    co_await invariant(entry.has_value(), "a key's row is never deleted");
    const auto pointer = co_await from_row<KeyPointer>(*entry);
    if (pointer.revoked_at) revoked_at = std::min(*pointer.revoked_at, revoked_at.value_or(unix_millis_max));
  }
  co_return revoked_at;
}

Task<Result<Stored<ApiKey>>> authenticate(Context& cx, std::string token) {
  // A malformed token is looked up like any other, in a shard without keys, so that timing does not reveal it.
  const auto parsed = parse_key_text(token);
  const auto shard = parsed ? parsed->shard : Shard{};
  const auto hashed = std::string_view(token).substr(0, key_text_size);
  std::vector<std::string> keys;
  keys.reserve(cx.settings.peppers.size());
  for (const auto& pepper : cx.settings.peppers) keys.push_back(key_row_key(shard, pepper, hashed));
  auto rows = co_await cx.store.get_all(keys);

  std::optional<Stored<ApiKey>> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!rows[i] || !constant_time_equal(bytes_of(rows[i]->key), bytes_of(keys[i]))) continue;
    found.emplace(co_await from_row<ApiKey>(*rows[i]), std::move(*rows[i]));
  }
  if (!parsed || !found || !found->record.works_at(cx.host_now())) co_return fail(ErrorCode::unauthenticated);
  if (co_await ancestors_revoked_at(cx, found->record)) co_return fail(ErrorCode::unauthenticated);
  co_return std::move(*found);
}

Task<Result<>> record_use(Context& cx, Stored<ApiKey> used) {
  used.record.last_used_at = hour_of(cx.host_now());
  WriteBatch batch;
  batch.replace(used.entry, to_row(used.record));
  co_return co_await attempt(cx.store.commit(std::move(batch)));
}

GeneratedKey generate_key(const Settings& settings, const TenantScope& tenant, NewKey asked, UnixMillis now, Random& random) {
  GeneratedKey generated{.key = {.id = KeyId::generate(tenant.shard(), now, random),
                                 .tenant = tenant,
                                 .name = std::move(asked.name),
                                 .grant = std::move(asked.grant),
                                 .created_at = now,
                                 .revoked_at = {},
                                 .last4 = {},
                                 .ancestors = {},
                                 .api_version = std::string(api_version_newest)},
                         .text = generate_key_text(tenant.environment, tenant.shard(), random),
                         .row_key = {}};
  generated.key.last4 = generated.text.substr(generated.text.size() - 4);
  generated.row_key = key_row_key(tenant.shard(), settings.peppers.front(), generated.text);
  return generated;
}

void add_key_rows(WriteBatch& batch, const GeneratedKey& generated) {
  batch.create(generated.row_key, to_row(generated.key));
  batch.create_final(key_pointer_key(generated.key.tenant, generated.key.id.text()),
                     to_row(KeyPointer{.row_key = generated.row_key}));
}

}  // namespace lntpay
