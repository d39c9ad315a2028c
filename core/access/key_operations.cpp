// Each operation is one commit, with its event.
#include "core/access/key_operations.hpp"

#include <algorithm>

#include "core/access/key_text.hpp"
#include "core/ledger/unit_of_work.hpp"
#include "core/request/audit_trail.hpp"

namespace lntpay {
namespace {

/// A search for a key that can create keys stops after this number of keys.
constexpr std::uint32_t keys_searched_max = 500;

Task<Result<Stored<KeyPointer>>> load_pointer(Context& cx, TenantScope tenant, KeyId id) {
  auto pointer = co_await cx.store.load<KeyPointer>(key_pointer_key(tenant, id.text()));
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
  previous.grant.expires_at = at;
  batch.replace(entry, to_row(previous));
  co_return {};
}

/// Whether the caller may obtain a new text of that key. A text that was rolled away ends earlier than its key, so it may not:
/// the holder of a leaked one would keep the key.
Result<> check_roll(const ApiKey& caller, const ApiKey& key) {
  if (key.id != caller.id && caller.grant.limits.daily && key.grant.scopes.has(Scope::withdrawals_write) &&
      !key.is_below(caller.id)) {
    return fail(
        ErrorCode::limit_exceeded,
        "Your API key has a daily limit, so it can roll only itself and the keys that it created. Use a key without a limit.");
  }
  return require_within(caller.grant, key.grant);
}

/// Shows keys below a revoked one as revoked, with one read.
Task<Result<>> show_revoked_ancestors(Context& cx, std::vector<ApiKey>& keys) {
  std::vector<std::string> pointers;
  std::vector<ApiKey*> below;
  for (auto& key : keys) {
    for (const auto& ancestor : key.ancestors) {
      pointers.push_back(key_pointer_key(key.tenant, ancestor.id.text()));
      below.push_back(&key);
    }
  }
  if (pointers.empty()) co_return {};
  const auto rows = co_await cx.store.get_all(std::move(pointers));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    co_await invariant(rows[i].has_value(), "a key's row is never deleted");
    const auto pointer = co_await from_row<KeyPointer>(*rows[i]);
    if (pointer.revoked_at) below[i]->revoked_at = std::min(*pointer.revoked_at, below[i]->revoked_at.value_or(unix_millis_max));
  }
  co_return {};
}

/// Whether a working key of the environment can create keys.
Task<Result<bool>> has_maker(Context& cx, TenantScope tenant) {
  Page page{.limit = page_limit_max};
  for (std::uint32_t seen = 0; seen < keys_searched_max; seen += page.limit) {
    auto listed = co_await list_keys(cx, tenant, page);
    const auto is_maker = [&](const ApiKey& key) { return key.works_at(cx.host_now()) && key.grant.scopes.has(Scope::keys_write); };
    if (std::ranges::any_of(listed.items, is_maker)) co_return true;
    if (!listed.has_more) co_return false;
    page.after_key = std::move(listed.last_key);
  }
  co_return true;  // unknown: no warning
}

}  // namespace

KeyMaker::KeyMaker(const ApiKey& key) : tenant(key.tenant), grant(key.grant), line(key.ancestors) {
  line.insert(line.begin(), {key.id, key.grant.limits.daily});
}

Task<Result<std::string>> create_key(Context& cx, IdempotencyClaim claim, KeyMaker maker, NewKey asked) {
  if (asked.grant.expires_at && *asked.grant.expires_at <= cx.host_now()) {
    co_return fail(ErrorCode::invalid_request, "expires_at must be in the future.", "expires_at");
  }
  if (maker.line.size() > ApiKey::ancestors_max) {
    co_return fail(ErrorCode::limit_exceeded, "Your API key is the fifth in a line of keys. Use a key above it to create keys.");
  }
  asked.grant = co_await granted(maker.grant, std::move(asked.grant));
  auto random = claim.random(cx);
  auto generated = generate_key(cx.settings, maker.tenant, std::move(asked), cx.on_host(claim.started_at(cx)), random);
  generated.key.ancestors = std::move(maker.line);
  const auto answer = key_json(generated.key, generated.text);
  co_return co_await retry([&]() -> Task<Result<std::string>> {
    auto unit = co_await UnitOfWork::load(cx, maker.tenant);
    if (co_await cx.store.get(key_pointer_key(generated.key.tenant, generated.key.id.text()))) {
      co_await claim.require_earlier_run(generated.key.id.text());
      co_return answer;
    }
    // The text of another workspace in the shard: repeated randomness generates the same secret.
    if (co_await cx.store.get(generated.row_key)) co_return fail(ErrorCode::internal_error, "randomness repeated: a key");
    add_key_rows(unit.batch(), generated);
    unit.emit(EventType::api_key_created, key_json(generated.key));
    add_audit_note(cx, unit.batch(), maker.tenant, {"api_key.create", generated.key.id.text(), generated.key.grant.scopes.text()});
    claim.write(unit.batch(), answer);
    co_await unit.commit();
    co_return answer;
  });
}

Task<Result<Listed<ApiKey>>> list_keys(Context& cx, TenantScope tenant, Page page) {
  auto pointers = co_await list_rows<KeyPointer>(cx, key_pointer_key(tenant), std::move(page));
  std::vector<std::string> keys;
  keys.reserve(pointers.items.size());
  for (auto& pointer : pointers.items) keys.push_back(std::move(pointer.row_key));
  Listed<ApiKey> listed{.items = {}, .has_more = pointers.has_more, .last_key = std::move(pointers.last_key)};
  if (keys.empty()) co_return listed;
  const auto rows = co_await cx.store.get_all(std::move(keys));
  for (const auto& row : rows) {
    co_await invariant(row.has_value(), "a key's pointer names its row");
    listed.items.push_back(co_await from_row<ApiKey>(*row));
  }
  co_await show_revoked_ancestors(cx, listed.items);
  co_return listed;
}

Task<Result<ApiKey>> get_key(Context& cx, TenantScope tenant, KeyId id) {
  const auto pointer = co_await load_pointer(cx, std::move(tenant), std::move(id));
  auto key = (co_await load_key(cx, pointer.record.row_key)).record;
  const auto above = co_await ancestors_revoked_at(cx, key);
  if (above) key.revoked_at = std::min(*above, key.revoked_at.value_or(*above));
  co_return std::move(key);
}

Task<Result<ApiKey>> change_key(Context& cx, ApiKey caller, KeyId id, KeyChange change) {
  co_await retry([&]() -> Task<Result<>> {
    const auto pointer = co_await load_pointer(cx, caller.tenant, id);
    auto [key, entry] = co_await load_key(cx, pointer.record.row_key);
    if (key.id != caller.id) co_await require_within(caller.grant, key.grant);
    const auto name = change.name.value_or(key.name);
    const auto version = change.api_version.value_or(key.api_version);
    if (key.name == name && key.api_version == version) co_return {};
    key.name = name;
    key.api_version = version;
    WriteBatch batch;
    batch.keep(pointer.entry);
    batch.replace(entry, to_row(key));
    add_audit_note(cx, batch, caller.tenant, {"api_key.change", id.text(), name});
    co_return co_await attempt(cx.store.commit(std::move(batch)));
  });
  co_return co_await get_key(cx, caller.tenant, id);
}

Task<Result<std::string>> roll_key(Context& cx, IdempotencyClaim claim, ApiKey caller, KeyId id, Millis overlap) {
  auto random = claim.random(cx);
  const auto text = generate_key_text(caller.tenant.environment, caller.tenant.shard(), random);
  const auto row_key = key_row_key(caller.tenant.shard(), cx.settings.peppers.front(), text);
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
    co_await check_roll(caller, key);
    if (!key.works_at(now)) co_return fail(ErrorCode::invalid_state, "This key is revoked or expired. Create a new one.");
    auto& batch = unit.batch();
    co_await expire_previous(cx, batch, pointer, now);
    auto previous = key;
    previous.grant.expires_at = std::min(previous.grant.expires_at.value_or(unix_millis_max), now + overlap);
    batch.replace(key_entry, to_row(previous));
    key.last4 = text.substr(text.size() - 4);
    batch.create(row_key, to_row(key));
    batch.replace(pointer_entry, to_row(KeyPointer{.row_key = row_key, .previous_row_key = pointer.row_key}));
    auto answer = key_json(key, text);
    claim.write(batch, answer);
    unit.emit(EventType::api_key_rolled, key_json(key));
    add_audit_note(cx, batch, caller.tenant, {"api_key.roll", id.text()});
    co_await unit.commit();
    co_return answer;
  });
}

Task<Result<RevokedKey>> revoke_key(Context& cx, ApiKey caller, KeyId id) {
  auto revoked = co_await retry([&]() -> Task<Result<ApiKey>> {
    auto unit = co_await UnitOfWork::load(cx, caller.tenant);
    auto [pointer, pointer_entry] = co_await load_pointer(cx, caller.tenant, id);
    auto [key, entry] = co_await load_key(cx, pointer.row_key);
    if (key.id != caller.id) co_await require_within(caller.grant, key.grant);
    if (key.revoked_at) co_return std::move(key);
    key.revoked_at = cx.host_now();
    pointer.revoked_at = key.revoked_at;
    unit.batch().replace(entry, to_row(key));
    // Written, so that a text which is rolled in concurrently does not keep working.
    unit.batch().replace(pointer_entry, to_row(pointer));
    co_await expire_previous(cx, unit.batch(), pointer, cx.host_now());
    unit.emit(EventType::api_key_revoked, key_json(key));
    add_audit_note(cx, unit.batch(), caller.tenant, {"api_key.revoke", id.text()});
    co_await unit.commit();
    co_return std::move(key);
  });
  const bool was_maker = revoked.grant.scopes.has(Scope::keys_write);
  const bool last = was_maker && !co_await has_maker(cx, caller.tenant);
  co_return RevokedKey{std::move(revoked), last};
}

}  // namespace lntpay
