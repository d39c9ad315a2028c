// The row moves, so that lists and the maximum of gates concern open ones.
#include "core/gate/closing.hpp"

#include "core/gate/sold_terms.hpp"
#include "core/request/audit_trail.hpp"
#include "core/tenant/due_work.hpp"

namespace lntpay {

UnixMillis end_of_sold(const Gate& gate, UnixMillis at) {
  return at + seconds(static_cast<std::int64_t>(challenge_expires_in_s + gate.life_s_max)) + gate_change_margin;
}

Task<Result<>> close_gate(Context& cx, TenantScope tenant, GateId id) {
  return retry([&cx, tenant, id]() -> Task<Result<>> {
    const auto stored = co_await find_gate(cx, tenant, id);
    if (stored.record.closed_at) co_return {};
    auto gate = stored.record;
    gate.closed_at = cx.now();
    gate.ends_at = end_of_sold(gate, cx.now());
    WriteBatch batch;
    batch.remove(stored.entry);
    batch.create(closed_gate_key(tenant, id.text()), to_row(gate));
    add_due(cx, batch, {std::string(gate_end_kind), tenant, id.text()}, *gate.ends_at);
    add_audit_note(cx, batch, tenant, {"gate.delete", id.text()});
    co_await cx.store.commit(std::move(batch));
    clear_gate_cache(cx);
    co_return {};
  });
}

Task<Result<>> run_gate_end(Context& cx, std::string key) {
  const auto claimed = co_await claim_record<GateId>(cx, std::move(key), minutes(1));
  const auto closed = co_await cx.store.get(closed_gate_key(claimed.tenant, claimed.id.text()));
  if (!closed) co_return co_await attempt(finish_due(cx, claimed.row));
  WriteBatch batch;
  batch.remove(*closed);
  batch.erase(gate_finder_key(claimed.id));
  batch.remove(claimed.row);
  co_return co_await attempt(cx.store.commit(std::move(batch)));
}

}  // namespace lntpay
