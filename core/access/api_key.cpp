// API keys: rows and operations.
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

/// `{tenant}/apikey/{key id}`: where the key's row is, and that of the text before it
struct KeyPlace {
  static constexpr int row_version = 2;
  std::string row_key;
  std::string former_row_key;  ///< empty: it was never rolled
  auto fields(this auto& self) { return std::tie(self.row_key, self.former_row_key); }
};

std::string place_key(const TenantScope& tenant, const KeyId& id) { return tenant.lasting().key("apikey", id.text()); }

/// A key passes on only what it has; and one with a limit on withdrawals none that withdraws, for that would be a second limit.
Result<> may_pass_on(const ApiKey& giver, ScopeSet scopes) {
  if (giver.limits.any() && scopes.has(Scope::withdrawals_write)) {
    return fail(ErrorCode::limit_exceeded, "This API key may withdraw only so much, so it can make no key that withdraws.",
                "scopes");
  }
  return require_scopes(giver.scopes, scopes);
}

Result<> may_grant(const ApiKey& creator, const NewKey& asked, UnixMillis now) {
  if (asked.scopes.empty()) return fail(ErrorCode::invalid_request, "A key needs at least one scope.", "scopes");
  if (asked.expires_at && *asked.expires_at <= now) {
    return fail(ErrorCode::invalid_request, "expires_at must be in the future.", "expires_at");
  }
  return may_pass_on(creator, asked.scopes);
}

Task<Result<Stored<KeyPlace>>> load_place(Context& cx, TenantScope tenant, KeyId id) {
  auto place = co_await cx.store.load<KeyPlace>(place_key(tenant, id));
  if (!place) co_return fail(ErrorCode::not_found);
  co_return std::move(*place);
}

Task<Result<Stored<ApiKey>>> load_key(Context& cx, std::string row_key) {
  auto stored = co_await cx.store.load<ApiKey>(std::move(row_key));
  co_await invariant(stored.has_value(), "a key's place names its row");
  co_return std::move(*stored);
}

/// The text that was rolled away stops working at that time, if it still works then.
Task<Result<>> end_former(Context& cx, WriteBatch& batch, const KeyPlace& place, UnixMillis at) {
  if (place.former_row_key.empty()) co_return {};
  auto [former, entry] = co_await load_key(cx, place.former_row_key);
  if (!former.works_at(at)) co_return {};
  former.expires_at = at;
  batch.replace(entry, to_row(former));
  co_return {};
}

}  // namespace

Task<Result<ApiKey>> authenticate(Context& cx, std::string token) {
  // A malformed token is looked up like any other, in a shard that holds no keys, so that it takes as long.
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

MintedKey mint_key(const Settings& settings, const TenantScope& tenant, NewKey asked, UnixMillis now, Random& random) {
  MintedKey minted{.key = {.id = KeyId::generate(tenant.shard(), now, random),
                           .tenant = tenant,
                           .name = std::move(asked.name),
                           .scopes = asked.scopes,
                           .created_at = now,
                           .expires_at = asked.expires_at,
                           .revoked_at = {},
                           .last4 = {},
                           .limits = asked.limits},
                   .text = mint_key_text(tenant.environment, tenant.shard(), random),
                   .row_key = {}};
  minted.key.last4 = minted.text.substr(minted.text.size() - 4);
  minted.row_key = row_key_of(tenant.shard(), settings.peppers.front(), minted.text);
  return minted;
}

void plan_key(WriteBatch& batch, const MintedKey& minted) {
  batch.create(minted.row_key, to_row(minted.key));
  batch.create_final(place_key(minted.key.tenant, minted.key.id),
                     to_row(KeyPlace{.row_key = minted.row_key, .former_row_key = {}}));
}

Task<Result<std::string>> create_key(Context& cx, IdempotencyClaim claim, ApiKey creator, NewKey asked) {
  co_await may_grant(creator, asked, cx.host_now());
  auto random = claim.random(cx);
  const auto minted = mint_key(cx.settings, creator.tenant, std::move(asked), claim.begun_at(cx), random);
  const auto answer = key_json(minted.key, minted.text);
  co_return co_await retry([&]() -> Task<Result<std::string>> {
    auto unit = co_await UnitOfWork::load(cx, creator.tenant);
    if (co_await cx.store.get(place_key(minted.key.tenant, minted.key.id))) {
      co_await claim.expect_own(minted.key.id.text());
      co_return answer;
    }
    // Of another workspace in the shard: the same random draws the same secret.
    if (co_await cx.store.get(minted.row_key)) co_return fail(ErrorCode::internal_error, "randomness repeated: a key");
    plan_key(unit.batch(), minted);
    unit.emit(EventType::api_key_created, key_json(minted.key));
    claim.write(unit.batch(), answer);
    co_await unit.commit();
    co_return answer;
  });
}

Task<Result<Listed<ApiKey>>> list_keys(Context& cx, TenantScope tenant, Page page) {
  auto places = co_await list_rows<KeyPlace>(cx, tenant.lasting().key("apikey") + "/", std::move(page));
  std::vector<std::string> keys;
  keys.reserve(places.items.size());
  for (auto& place : places.items) keys.push_back(std::move(place.row_key));
  Listed<ApiKey> listed{.items = {}, .has_more = places.has_more, .last_key = std::move(places.last_key)};
  if (keys.empty()) co_return listed;
  const auto rows = co_await cx.store.get_all(std::move(keys));
  for (const auto& row : rows) {
    co_await invariant(row.has_value(), "a key's place names its row");
    listed.items.push_back(co_await from_row<ApiKey>(row->value));
  }
  co_return listed;
}

Task<Result<std::string>> roll_key(Context& cx, IdempotencyClaim claim, ApiKey caller, KeyId id, Millis overlap) {
  auto random = claim.random(cx);
  const auto text = mint_key_text(caller.tenant.environment, caller.tenant.shard(), random);
  const auto row_key = row_key_of(caller.tenant.shard(), cx.settings.peppers.front(), text);
  co_return co_await retry([&]() -> Task<Result<std::string>> {
    const auto now = cx.host_now();
    auto unit = co_await UnitOfWork::load(cx, caller.tenant);
    auto [place, place_entry] = co_await load_place(cx, caller.tenant, id);
    auto [key, key_entry] = co_await load_key(cx, place.row_key);
    if (place.row_key == row_key) {
      co_await claim.expect_own(id.text());
      co_return key_json(key, text);
    }
    if (co_await cx.store.get(row_key)) co_return fail(ErrorCode::internal_error, "randomness repeated: a key");
    if (key.id != caller.id) co_await may_pass_on(caller, key.scopes);
    if (!key.works_at(now)) co_return fail(ErrorCode::invalid_state, "This key was revoked or has expired; create a new one.");
    auto& batch = unit.batch();
    co_await end_former(cx, batch, place, now);
    auto former = key;
    former.expires_at = std::min(former.expires_at.value_or(unix_millis_max), now + overlap);
    batch.replace(key_entry, to_row(former));
    key.last4 = text.substr(text.size() - 4);
    batch.create(row_key, to_row(key));
    batch.replace(place_entry, to_row(KeyPlace{.row_key = row_key, .former_row_key = place.row_key}));
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
    const auto [place, place_entry] = co_await load_place(cx, tenant, id);
    auto [key, entry] = co_await load_key(cx, place.row_key);
    if (key.revoked_at) co_return std::move(key);
    key.revoked_at = cx.host_now();
    unit.batch().replace(entry, to_row(key));
    // The place must not change meanwhile: a text that is drawn now would live on.
    unit.batch().keep(place_entry);
    co_await end_former(cx, unit.batch(), place, cx.host_now());
    unit.emit(EventType::api_key_revoked, key_json(key));
    co_await unit.commit();
    co_return std::move(key);
  });
}

}  // namespace lntpay
