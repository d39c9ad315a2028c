// Rows and operations of API keys.
#include "core/access/api_key.hpp"

#include <algorithm>

#include "core/access/key_text.hpp"
#include "core/base/encoding.hpp"
#include "core/base/time.hpp"
#include "core/crypto/sha256.hpp"
#include "core/ledger/unit_of_work.hpp"

namespace lntpay {
namespace {

/// `{shard}/key/{pepper id}.{hex hmac}`
std::string row_key_of(Shard shard, const Pepper& pepper, std::string_view text) {
  std::string key(shard.text());
  key.append("/key/").append(pepper.id).append(".");
  return key.append(hex(hmac_sha256(pepper.key.reveal(), bytes_of(text))));
}

/// `{tenant}/apikey/{key id}`: the keys of the row for the current text and for the previous one.
struct KeyPointer {
  static constexpr int row_version = 2;
  std::string row_key;
  std::string previous_row_key;  ///< empty: never rolled
  auto fields(this auto& self) { return std::tie(self.row_key, self.previous_row_key); }
};

std::string pointer_key(const TenantScope& tenant, const KeyId& id) { return tenant.without_generation().key("apikey", id.text()); }

/// A key grants only scopes that it has. A key with a withdrawal limit cannot grant withdrawals: the new key would double the
/// limit.
Result<> check_delegation(const ApiKey& grantor, ScopeSet scopes) {
  if (grantor.limits.any() && scopes.has(Scope::withdrawals_write)) {
    return fail(ErrorCode::limit_exceeded, "This API key has a withdrawal limit, so it cannot create a key that can withdraw.",
                "scopes");
  }
  return require_scopes(grantor.scopes, scopes);
}

Result<> check_new_key(const ApiKey& creator, const NewKey& asked, UnixMillis now) {
  if (asked.scopes.empty()) return fail(ErrorCode::invalid_request, "A key needs at least one scope.", "scopes");
  if (asked.expires_at && *asked.expires_at <= now) {
    return fail(ErrorCode::invalid_request, "expires_at must be in the future.", "expires_at");
  }
  return check_delegation(creator, asked.scopes);
}

Task<Result<Stored<KeyPointer>>> load_pointer(Context& cx, TenantScope tenant, KeyId id) {
  auto pointer = co_await cx.store.load<KeyPointer>(pointer_key(tenant, id));
  if (!pointer) co_return fail(ErrorCode::not_found);
  co_return std::move(*pointer);
}

Task<Result<Stored<ApiKey>>> load_key(Context& cx, std::string row_key) {
  auto stored = co_await cx.store.load<ApiKey>(std::move(row_key));
  co_await invariant(stored.has_value(), "a key's pointer names its row");
  co_return std::move(*stored);
}

/// Ends the previous text at that time, unless it ends earlier.
Task<Result<>> expire_previous(Context& cx, WriteBatch& batch, const KeyPointer& pointer, UnixMillis at) {
  if (pointer.previous_row_key.empty()) co_return {};
  auto [previous, entry] = co_await load_key(cx, pointer.previous_row_key);
  if (!previous.works_at(at)) co_return {};
  previous.expires_at = at;
  batch.replace(entry, to_row(previous));
  co_return {};
}

}  // namespace

Task<Result<ApiKey>> authenticate(Context& cx, std::string token) {
  // A malformed token is looked up like any other, in a shard without keys, so that timing does not reveal it.
  const auto parsed = parse_key_text(token);
  const auto shard = parsed ? parsed->shard : Shard{};
  const auto hashed = std::string_view(token).substr(0, key_text_size);
  std::vector<std::string> keys;
  keys.reserve(cx.settings.peppers.size());
  for (const auto& pepper : cx.settings.peppers) keys.push_back(row_key_of(shard, pepper, hashed));
  const auto rows = co_await cx.store.get_all(keys);

  std::optional<ApiKey> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!rows[i] || !constant_time_equal(bytes_of(rows[i]->key), bytes_of(keys[i]))) continue;
    found = co_await from_row<ApiKey>(rows[i]->value);
  }
  if (!parsed || !found || !found->works_at(cx.host_now())) co_return fail(ErrorCode::unauthenticated);
  co_return std::move(*found);
}

GeneratedKey generate_key(const Settings& settings, const TenantScope& tenant, NewKey asked, UnixMillis now, Random& random) {
  GeneratedKey generated{.key = {.id = KeyId::generate(tenant.shard(), now, random),
                                 .tenant = tenant,
                                 .name = std::move(asked.name),
                                 .scopes = asked.scopes,
                                 .created_at = now,
                                 .expires_at = asked.expires_at,
                                 .revoked_at = {},
                                 .last4 = {},
                                 .limits = asked.limits},
                         .text = generate_key_text(tenant.environment, tenant.shard(), random),
                         .row_key = {}};
  generated.key.last4 = generated.text.substr(generated.text.size() - 4);
  generated.row_key = row_key_of(tenant.shard(), settings.peppers.front(), generated.text);
  return generated;
}

void add_key_rows(WriteBatch& batch, const GeneratedKey& generated) {
  batch.create(generated.row_key, to_row(generated.key));
  batch.create_final(pointer_key(generated.key.tenant, generated.key.id),
                     to_row(KeyPointer{.row_key = generated.row_key, .previous_row_key = {}}));
}

Task<Result<std::string>> create_key(Context& cx, IdempotencyClaim claim, ApiKey creator, NewKey asked) {
  co_await check_new_key(creator, asked, cx.host_now());
  auto random = claim.random(cx);
  const auto generated = generate_key(cx.settings, creator.tenant, std::move(asked), claim.started_at(cx), random);
  const auto answer = key_json(generated.key, generated.text);
  co_return co_await retry([&]() -> Task<Result<std::string>> {
    auto unit = co_await UnitOfWork::load(cx, creator.tenant);
    if (co_await cx.store.get(pointer_key(generated.key.tenant, generated.key.id))) {
      co_await claim.require_earlier_run(generated.key.id.text());
      co_return answer;
    }
    // The text of another workspace in the shard: repeated randomness generates the same secret.
    if (co_await cx.store.get(generated.row_key)) co_return fail(ErrorCode::internal_error, "randomness repeated: a key");
    add_key_rows(unit.batch(), generated);
    unit.emit(EventType::api_key_created, key_json(generated.key));
    claim.write(unit.batch(), answer);
    co_await unit.commit();
    co_return answer;
  });
}

Task<Result<Listed<ApiKey>>> list_keys(Context& cx, TenantScope tenant, Page page) {
  auto pointers = co_await list_rows<KeyPointer>(cx, tenant.without_generation().key("apikey") + "/", std::move(page));
  std::vector<std::string> keys;
  keys.reserve(pointers.items.size());
  for (auto& pointer : pointers.items) keys.push_back(std::move(pointer.row_key));
  Listed<ApiKey> listed{.items = {}, .has_more = pointers.has_more, .last_key = std::move(pointers.last_key)};
  if (keys.empty()) co_return listed;
  const auto rows = co_await cx.store.get_all(std::move(keys));
  for (const auto& row : rows) {
    co_await invariant(row.has_value(), "a key's pointer names its row");
    listed.items.push_back(co_await from_row<ApiKey>(row->value));
  }
  co_return listed;
}

Task<Result<std::string>> roll_key(Context& cx, IdempotencyClaim claim, ApiKey caller, KeyId id, Millis overlap) {
  auto random = claim.random(cx);
  const auto text = generate_key_text(caller.tenant.environment, caller.tenant.shard(), random);
  const auto row_key = row_key_of(caller.tenant.shard(), cx.settings.peppers.front(), text);
  co_return co_await retry([&]() -> Task<Result<std::string>> {
    const auto now = cx.host_now();
    auto unit = co_await UnitOfWork::load(cx, caller.tenant);
    auto [pointer, pointer_entry] = co_await load_pointer(cx, caller.tenant, id);
    auto [key, key_entry] = co_await load_key(cx, pointer.row_key);
    if (pointer.row_key == row_key) {
      co_await claim.require_earlier_run(id.text());
      co_return key_json(key, text);
    }
    if (co_await cx.store.get(row_key)) co_return fail(ErrorCode::internal_error, "randomness repeated: a key");
    if (key.id != caller.id) co_await check_delegation(caller, key.scopes);
    if (!key.works_at(now)) co_return fail(ErrorCode::invalid_state, "This key is revoked or expired. Create a new one.");
    auto& batch = unit.batch();
    co_await expire_previous(cx, batch, pointer, now);
    auto previous = key;
    previous.expires_at = std::min(previous.expires_at.value_or(unix_millis_max), now + overlap);
    batch.replace(key_entry, to_row(previous));
    key.last4 = text.substr(text.size() - 4);
    batch.create(row_key, to_row(key));
    batch.replace(pointer_entry, to_row(KeyPointer{.row_key = row_key, .previous_row_key = pointer.row_key}));
    auto answer = key_json(key, text);
    claim.write(batch, answer);
    unit.emit(EventType::api_key_rolled, key_json(key));
    co_await unit.commit();
    co_return answer;
  });
}

Task<Result<ApiKey>> revoke_key(Context& cx, TenantScope tenant, KeyId id) {
  co_return co_await retry([&]() -> Task<Result<ApiKey>> {
    auto unit = co_await UnitOfWork::load(cx, tenant);
    const auto [pointer, pointer_entry] = co_await load_pointer(cx, tenant, id);
    auto [key, entry] = co_await load_key(cx, pointer.row_key);
    if (key.revoked_at) co_return std::move(key);
    key.revoked_at = cx.host_now();
    unit.batch().replace(entry, to_row(key));
    // The pointer must not change meanwhile: a text rolled in concurrently would keep working.
    unit.batch().keep(pointer_entry);
    co_await expire_previous(cx, unit.batch(), pointer, cx.host_now());
    unit.emit(EventType::api_key_revoked, key_json(key));
    co_await unit.commit();
    co_return std::move(key);
  });
}

}  // namespace lntpay
