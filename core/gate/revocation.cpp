// The operation, and the check of credentials under former secrets.
#include "core/gate/revocation.hpp"

#include <algorithm>

#include "core/charge/challenge_settlement.hpp"
#include "core/gate/closing.hpp"
#include "core/gate/sold_terms.hpp"
#include "core/request/audit_trail.hpp"

namespace lntpay {
namespace {

Gate revoked(Gate gate, std::string sealed, UnixMillis now) {
  auto& former = gate.former_secrets;
  std::erase_if(former, [now](const FormerSecret& each) { return each.until <= now; });
  if (former.size() == former_secrets_max) former.erase(former.begin());
  former.push_back(
      {.revoked_at = now, .until = end_of_sold(gate, now), .sealed = std::exchange(gate.sealed_secret, std::move(sealed))});
  gate.revoked_at = now;
  return gate;
}

}  // namespace

Task<Result<std::string>> revoke_gate(Context& cx, TenantScope tenant, GateId id, IdempotencyClaim claim) {
  auto random = claim.random(cx);
  const auto sealed = co_await new_gate_secret(cx, tenant, id, random);
  co_return co_await retry([&]() -> Task<Result<std::string>> {
    const auto stored = co_await find_gate(cx, tenant, id);
    // Already rotated by an earlier run of this request.
    if (stored.record.sealed_secret == sealed) {
      co_await claim.require_earlier_run("a gate's secret");
      co_return co_await idempotency::answered(cx, claim, gate_json(stored.record, tenant));
    }
    const auto gate = revoked(stored.record, sealed, cx.now());
    auto json = gate_json(gate, tenant);
    WriteBatch batch;
    batch.replace(stored.entry, to_row(gate));
    claim.write(batch, json);
    add_audit_note(cx, batch, tenant, {"gate.revoke", id.text()});
    co_await cx.store.commit(std::move(batch));
    clear_gate_cache(cx);
    co_return json;
  });
}

bool is_paid_after(std::optional<UnixMillis> paid_at, UnixMillis revoked_at, Environment environment) {
  const auto precision = environment == Environment::live ? seconds(1) : Millis{};
  return !paid_at || *paid_at + precision > revoked_at;
}

Task<Result<bool>> outlives_revocation(Context& cx, const EnteredGate& at, Terms shown, Bytes32 payment_hash) {
  const auto charge = co_await find_by_hash(cx, at.tenant, payment_hash);
  if (!charge || charge->external_id != at.gate.id.text()) co_return false;
  const auto revoked_at = at.gate.revoked_at.value_or(unix_millis_max);
  const bool was_open = charge->created_at <= revoked_at && revoked_at < charge->expires_at;
  const bool paid_later = is_paid_after(charge->paid_at, revoked_at, at.tenant.environment);
  const auto sold = from_row<SoldTerms>(charge->gate_terms);
  co_return was_open&& paid_later&& sold&& is_within(shown, terms_for(at, *sold, least_of(*charge), charge->expires_at));
}

}  // namespace lntpay
