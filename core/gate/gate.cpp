// Gate rows, and the API operations on them.
#include "core/gate/gate.hpp"

#include <algorithm>
#include <functional>
#include <ranges>

#include "core/base/time.hpp"
#include "core/crypto/seal.hpp"
#include "core/gate/asked_price.hpp"
#include "core/gate/cache.hpp"
#include "core/gate/sold_terms.hpp"
#include "core/request/audit_trail.hpp"
#include "core/tenant/enter_tenant.hpp"

namespace lntpay {
namespace {

/// The engine gives every session a GateCache or none.
GateCache* cache_of(const Context& cx) { return static_cast<GateCache*>(cx.cache); }

Task<Result<Stored<Gate>>> load_open_gate(Context& cx, TenantScope tenant, GateId id) {
  auto stored = co_await cx.store.load<Gate>(gate_key(tenant, id.text()));
  if (!stored) co_return no_such_gate();
  co_return std::move(*stored);
}

/// The secrets of a gate, opened.
Result<EnteredGate> entered(const Context& cx, TenantScope tenant, Gate gate) {
  const auto key = gate_key(tenant, gate.id.text());
  EnteredGate at{.tenant = std::move(tenant), .gate = std::move(gate), .secret = {}};
  const auto take = [&](std::string_view sealed, Secret& into) {
    auto secret = open(cx.settings.seal, key, sealed);
    if (secret) into = std::move(*secret);
    return secret.has_value();
  };
  bool good = take(at.gate.sealed_secret, at.secret);
  for (const auto& former : at.gate.former_secrets | std::views::reverse) {
    if (former.until <= cx.now()) continue;
    good = good && take(former.sealed, at.former_secrets.emplace_back());
  }
  if (!good) return fail(ErrorCode::internal_error, "a gate's secret cannot be decrypted with the configured keys");
  return at;
}

/// The settings that not every mode has.
Result<> take_mode_settings(Gate& gate, const GateChange& change) {
  if (gate.mode == GateMode::per_request && (change.uses || change.ttl_s)) {
    return fail(ErrorCode::invalid_request, "A per_request gate has no such setting. Omit it, or set the mode to \"pass\".",
                change.uses ? "uses" : "ttl_seconds");
  }
  if (gate.mode != GateMode::metered && (change.min_credit || change.max_price)) {
    return fail(ErrorCode::invalid_request, "Only a metered gate has such a setting. Omit it, or set the mode to \"metered\".",
                change.min_credit ? "min_credit_msat" : "max_price_msat");
  }
  if (gate.mode == GateMode::metered && !gate.price_url.empty())
    return fail(ErrorCode::invalid_request, "A metered gate has no such setting. Omit it, or set another mode.", "price_url");
  if (change.uses) gate.uses = change.uses;
  if (change.unlimited || gate.mode == GateMode::per_request) gate.uses.reset();
  if (change.ttl_s) gate.ttl_s = *change.ttl_s;
  if (change.min_credit) gate.min_credit = *change.min_credit;
  if (change.max_price) gate.max_price = change.max_price;
  if (gate.mode == GateMode::metered && gate.min_credit > std::min(gate.max_price.value_or(gate.price), gate.price)) {
    return fail(ErrorCode::invalid_request,
                "The minimum is above the price of a payment or of a request. Lower it, or raise the other.", "min_credit_msat");
  }
  return {};
}

}  // namespace

Result<std::string> new_gate_secret(const Context& cx, const TenantScope& tenant, const GateId& id, Random& random) {
  if (const auto ring = invariant(!cx.settings.seal.empty(), "a host configures a key to seal secrets with"); !ring) {
    return std::unexpected(ring.error());
  }
  auto secret = random.bytes32();
  auto sealed = seal(cx.settings.seal, gate_key(tenant, id.text()), secret);
  wipe(secret);
  return sealed;
}

void clear_gate_cache(const Context& cx) {
  if (cx.cache != nullptr) cx.cache->clear();
}

std::string gate_key(const TenantScope& tenant, std::string_view id) { return tenant.key("gate/").append(id); }

std::string closed_gate_key(const TenantScope& tenant, std::string_view id) { return tenant.key("closed_gate/").append(id); }

std::string gate_finder_key(const GateId& id) { return std::string(id.shard().text()).append("/gate_finder/").append(id.text()); }

std::unexpected<Error> no_such_gate() { return fail(ErrorCode::not_found, "There is no gate with this id."); }

const Proof* VerifiedCredentials::find(std::string_view credential) const {
  const auto found = known_.find(std::hash<std::string_view>{}(credential));
  const bool same = found != known_.end() && constant_time_equal(bytes_of(found->second.credential), bytes_of(credential));
  return same ? &found->second.proof : nullptr;
}

void VerifiedCredentials::keep(std::string_view credential, Proof proof) {
  constexpr std::size_t known_max = 256;
  constexpr std::size_t bytes_max = 2'048;
  if (credential.size() > bytes_max) return;
  if (known_.size() >= known_max) known_.clear();
  known_.insert_or_assign(std::hash<std::string_view>{}(credential), Known{std::string(credential), std::move(proof)});
}

Task<Result<std::shared_ptr<const EnteredGate>>> enter_gate(Context& cx, GateId id) {
  auto* cache = cache_of(cx);
  const auto* known = cache != nullptr ? cache->find(id, cx.host_now()) : nullptr;
  if (known != nullptr) {
    cx.sandbox = known->sandbox;
    co_return known->at;
  }
  const auto generation = cache != nullptr ? cache->generation() : 0;
  const auto read_at = cx.host_now();
  const auto found = co_await cx.store.load<GateFinder>(gate_finder_key(id));
  if (!found) co_return no_such_gate();
  auto tenant = co_await enter_tenant(cx, found->record.tenant);
  auto stored = co_await find_gate(cx, tenant, id);
  const auto at = std::make_shared<const EnteredGate>(co_await entered(cx, std::move(tenant), std::move(stored.record)));
  if (cache != nullptr) cache->keep(id, {at, cx.sandbox, read_at}, generation);
  co_return at;
}

Result<Gate> changed(Gate gate, const GateChange& change) {
  const auto take = [](auto& field, const auto& asked) {
    if (asked) field = *asked;
  };
  take(gate.name, change.name);
  take(gate.price, change.price);
  take(gate.match.method, change.method);
  take(gate.match.path, change.path);
  take(gate.mode, change.mode);
  take(gate.schemes, change.schemes);
  take(gate.commit, change.commit);
  take(gate.price_url, change.price_url);
  if (auto taken = take_mode_settings(gate, change); !taken) return std::unexpected(std::move(taken.error()));
  take(gate.repeat_s, change.repeat_s);
  take(gate.not_modified, change.not_modified);
  take(gate.cors, change.cors);
  take(gate.late_policy, change.late_policy);
  gate.life_s_max = std::max(gate.life_s_max, static_cast<std::uint64_t>(credential_life(gate).value / 1'000));
  if (!is_gate_match({gate.match.method, "/"})) {
    return fail(ErrorCode::invalid_request, "The method is invalid. Use capital letters, or \"*\" for any method.", "match.method");
  }
  if (!is_gate_match(gate.match)) {
    return fail(ErrorCode::invalid_request,
                "The path is invalid. Use a path like \"/reports\" or \"/reports/*\", with letters, digits and -._~ only.",
                "match.path");
  }
  return gate;
}

Task<Result<std::string>> create_gate(Context& cx, TenantScope tenant, GateChange asked, IdempotencyClaim claim) {
  co_await check_price_url(cx, tenant, asked.price_url.value_or(""));
  auto random = claim.random(cx);
  Gate fresh{
      .id = GateId::generate(tenant.shard(), claim.started_at(cx), random),
      .name = {},
      .price = {},
      .match = {},
      .mode = GateMode::per_request,
      .ttl_s = gate_ttl_s_default,
      .schemes = {GateScheme::l402, GateScheme::payment},
      .commit = GateCommit::at_once,
      .created_at = cx.now(),
      .life_s_max = 0,
  };
  fresh.sealed_secret = co_await new_gate_secret(cx, tenant, fresh.id, random);
  const auto made = co_await changed(std::move(fresh), asked);
  const auto key = gate_key(tenant, made.id.text());
  auto json = gate_json(made, tenant);
  co_return co_await retry([&]() -> Task<Result<std::string>> {
    const auto all = co_await cx.store.scan({.prefix = gate_key(tenant), .after = {}, .limit = gates_max});
    if (std::ranges::contains(all, key, &Entry::key)) {
      co_await claim.require_earlier_run(made.id.text());
      co_return json;
    }
    if (all.size() == gates_max)
      co_return fail(ErrorCode::limit_exceeded, "This workspace already has 100 gates, the maximum. Delete one first.");
    WriteBatch batch;
    batch.create_final(key, to_row(made));
    batch.create(gate_finder_key(made.id), to_row(GateFinder{tenant.without_generation()}));
    claim.write(batch, json);
    add_audit_note(cx, batch, tenant, {"gate.create", made.id.text()});
    co_await cx.store.commit(std::move(batch));
    co_return json;
  });
}

Task<Result<Listed<Gate>>> list_gates(Context& cx, TenantScope tenant, Page page) {
  return list_rows<Gate>(cx, gate_key(tenant), std::move(page));
}

Task<Result<Stored<Gate>>> find_gate(Context& cx, TenantScope tenant, GateId id) {
  for (auto& row : co_await cx.store.get_all({gate_key(tenant, id.text()), closed_gate_key(tenant, id.text())})) {
    if (!row) continue;
    auto gate = co_await from_row<Gate>(*row);
    if (gate.ends_at && *gate.ends_at <= cx.now()) break;
    co_return Stored<Gate>{std::move(gate), std::move(*row)};
  }
  co_return no_such_gate();
}

Task<Result<Gate>> change_gate(Context& cx, TenantScope tenant, GateId id, GateChange change) {
  return retry([&cx, tenant, id, change]() -> Task<Result<Gate>> {
    co_await check_price_url(cx, tenant, change.price_url.value_or(""));
    const auto stored = co_await load_open_gate(cx, tenant, id);
    auto gate = co_await changed(stored.record, change);
    WriteBatch batch;
    batch.replace(stored.entry, to_row(gate));
    add_audit_note(cx, batch, tenant, {"gate.change", id.text()});
    co_await cx.store.commit(std::move(batch));
    clear_gate_cache(cx);
    co_return gate;
  });
}

}  // namespace lntpay
