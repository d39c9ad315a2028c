// Rules of all other rows: workspaces, API keys, gates and redemptions, Idempotency-Keys, the sandbox's controls, due work, and the
// operator's.
#include "core/access/api_key.hpp"
#include "core/access/workspace.hpp"
#include "core/base/encoding.hpp"
#include "core/charge/challenge_row.hpp"
#include "core/charge/invoice_stream.hpp"
#include "core/charge/unmatched_settlement.hpp"
#include "core/event/event_retention.hpp"
#include "core/gate/closing.hpp"
#include "core/gate/redemption.hpp"
#include "core/lightning/node/node_instance.hpp"
#include "core/pay_link/pay_name.hpp"
#include "core/request/audit_trail.hpp"
#include "core/request/idempotency_claim.hpp"
#include "core/request/request_log.hpp"
#include "core/storage/rows_format.hpp"
#include "core/store_check/row_rules.hpp"
#include "core/tenant/sandbox_controls.hpp"
#include "core/webhook/recovery/recovery.hpp"

namespace lntpay::rules {
namespace {

/// As core/request/rate_limit.cpp writes it.
struct GateQuota {
  static constexpr int row_version = 1;
  UnixMillis arrival;
  auto fields(this auto& self) { return std::tie(self.arrival); }
};

/// As core/operations/sandbox_operations.cpp writes it.
struct ClockProgress {
  static constexpr int row_version = 1;
  std::string after;
  bool again = false;
  auto fields(this auto& self) { return std::tie(self.after, self.again); }
};

bool is_time(std::string_view part) {
  UnixMillis at;
  return row::read(part, at) && padded(at.value) == part;
}

bool is_pointed_to(const KeyPointer& pointer, const std::string& key) {
  return pointer.row_key == key || pointer.previous_row_key == key;
}

}  // namespace

void workspace(RowCheck& at) {
  const auto workspace = at.record<Workspace>();
  if (!workspace) return;
  at.expect(workspace_key(workspace->id) == at.row.key, "is not the row of its key");
  at.needs("00/shard/" + std::string(workspace->id.shard().text()), "");
  at.needs("00/workspaces/" + padded(workspace->created_at.value) + "/" + workspace->id.text(), "");
}

/// A creation that crashed leaves one without a workspace.
void listed_workspace(RowCheck& at) {
  at.expect_index();
  at.expect(is_time(at.names[0]), "has no valid time in its key");
  at.expect_id<WorkspaceId>(1);
}

void used_shard(RowCheck& at) {
  at.expect_index();
  at.expect(Shard::parse(at.names[0]).has_value(), "has no valid shard in its key");
}

void api_key(RowCheck& at) {
  const auto key = at.record<ApiKey>();
  if (!key) return;
  at.expect(at.row.key.starts_with(key->tenant.shard().text()), "is not in the shard of its workspace");
  // The row of a text before the previous one is expired, and its pointer names later ones.
  const bool expires = key->grant.expires_at.has_value();
  at.needs_record<KeyPointer>(
      key_pointer_key(key->tenant, key->id.text()), "is not the row of its pointer",
      [expires, own = at.row.key](const KeyPointer& pointer) { return expires || is_pointed_to(pointer, own); });
  for (const auto& ancestor : key->ancestors) at.needs(key_pointer_key(key->tenant, ancestor.id.text()));
}

void key_pointer(RowCheck& at) {
  const auto pointer = at.record<KeyPointer>();
  if (!pointer) return;
  for (const auto& text : {pointer->row_key, pointer->previous_row_key}) {
    if (text.empty()) continue;
    at.needs_record<ApiKey>(text, "leads to another key",
                            [id = std::string(at.names[0])](const ApiKey& key) { return key.id.text() == id; });
  }
  if (!pointer->revoked_at) return;
  at.needs_record<ApiKey>(pointer->row_key, "is revoked and its key is not",
                          [time = *pointer->revoked_at](const ApiKey& key) { return key.revoked_at == time; });
}

void gate(RowCheck& at) {
  const auto gate = at.record<Gate>();
  if (!gate) return;
  at.expect_name(0, gate->id.text());
  at.needs(gate_finder_key(gate->id), to_row(GateFinder{at.tenant.scope.without_generation()}));
  const bool is_closed_row = closed_gate_key(at.tenant.scope, gate->id.text()) == at.row.key;
  at.expect(gate->closed_at.has_value() == is_closed_row && gate->ends_at.has_value() == is_closed_row,
            "is closed or open against its key");
  at.expect(gate->former_secrets.size() <= former_secrets_max, "has more former secrets than a gate keeps");
}

/// A reset of the sandbox leaves it without a gate.
void gate_finder(RowCheck& at) {
  at.expect_id<GateId>(0);
  at.record<GateFinder>();
}

/// A creation that was cut off leaves it without its name for a minute.
void pay_link(RowCheck& at) {
  const auto link = at.record<PayLink>();
  if (!link) return;
  at.expect_name(0, link->id.text());
  at.expect(is_pay_name(link->name) && link->least <= link->most, "has a name or bounds that no link can have");
  const auto& tenant = at.tenant.scope;
  if (at.tenant.current && !at.due.contains(due_name({std::string(pay_link_kind), tenant, link->id.text()})))
    at.needs(pay_name_key(tenant.environment, link->name), to_row(PayName{tenant, link->id}));
}

/// A deletion or a reset may leave it without a link: the name is free.
void pay_name(RowCheck& at) {
  const auto name = at.record<PayName>();
  if (name) at.expect(pay_name_key(name->tenant.environment, at.names.back()) == at.row.key, "is not in the place of its name");
}

void payment_uses(RowCheck& at) {
  at.expect_hash(0);
  const auto payment = at.record<PaymentUses>();
  if (!payment) return;
  const auto& uses = payment->uses;
  bool good = uses.open.size() <= uses.started && uses.started <= uses.reservations;
  for (const auto& each : uses.open)
    good = good && each.use >= 1 && each.use <= uses.started && each.reservation <= uses.reservations;
  for (const auto& each : uses.repeatable)
    good = good && each.use >= 1 && each.use <= uses.started && !std::ranges::contains(uses.open, each.use, &OpenUse::use);
  at.expect(good, "has uses that were never claimed");
  auto taken = uses.spent.value;
  for (const auto& each : uses.open) taken += each.reserved.value;
  at.expect(taken <= payment->credit.paid.value, "has spent or reserved more than was paid");
  at.expect(payment->opened.size() <= opened_paths_max, "opens more paths than a payment can");
  at.expect(payment->redirects <= redirects_per_use_max * uses.started, "was released by more redirects than its uses have");
}

void redemption(RowCheck& at) {
  const auto redemption = at.record<Redemption>();
  if (!redemption) return;
  at.expect(redemption_key(redemption->id) == at.row.key, "is not the row of its key");
  at.needs_record<PaymentUses>(
      uses_key(redemption->tenant, redemption->payment_hash), "is of a use that was never claimed",
      [use = redemption->use](const PaymentUses& payment) { return use >= 1 && use <= payment.uses.started; });
}

void minting(RowCheck& at) {
  at.expect_id<GateId>(0);
  at.record<GateQuota>();
}

void idempotency_key(RowCheck& at) {
  at.expect_hash(0);
  const auto row = at.record<idempotency::Row>();
  if (!row) return;
  // The removal of stored secrets runs after a reset too.
  const DueWork purge{std::string(idempotency::purge_kind), at.tenant.scope, std::string(at.names[0])};
  at.expect(at.due.contains(due_name(purge)), "has no due row");
  if (!row->withdrawal.empty()) at.needs(row->withdrawal);
}

void audit_note(RowCheck& at) {
  const auto note = at.record<AuditNote>();
  if (!note) return;
  at.expect_name(0, padded(note->at.value));
  at.expect_name(1, note->subject);
  at.expect_name(2, note->request_id);
}

void logged_request(RowCheck& at) {
  if (const auto request = at.record<LoggedRequest>()) at.expect_name(0, request->id.text());
}

void sandbox_controls(RowCheck& at) { at.record<SandboxControls>(); }

void clock_move(RowCheck& at) { at.record<ClockProgress>(); }

/// Not whether there is such a record: work that was postponed may outlive it, and then removes its row.
void due_work(RowCheck& at) {
  const auto work = parse_due_key(at.row.key);
  at.expect(work.has_value(), "has no valid key");
  if (!work) return;
  at.expect(due_key(*work, due_time(at.row.key)) == at.row.key, "is not written as LNTPay writes it");
  Millis ahead;
  at.expect(at.row.value.empty() || at.row.value == "host" || row::read(at.row.value, ahead.value), "cannot be read");
  const auto& kind = work->kind;
  const bool known = kind == "charge" || kind == "withdrawal" || kind == "webhook" || kind == recovery_kind || kind == "clock" ||
                     kind == "credit" || kind == idempotency::purge_kind || kind == pruning_kind || kind == gate_end_kind ||
                     kind == challenge_kind || kind == request_pruning_kind;
  at.expect(known, "is work of an unknown kind");
  at.due.insert(due_name(*work));
}

void format(RowCheck& at) {
  at.expect(at.row.value == std::to_string(rows_format), "is not the format of the rows that this version reads");
}

void stream_cursor(RowCheck& at) { at.record<StreamCursor>(); }

void unmatched_settlement(RowCheck& at) {
  const auto settlement = at.record<UnmatchedSettlement>();
  if (settlement) at.expect(unmatched_key(settlement->number) == at.row.key, "is not the row of its key");
  at.needs(std::string(unmatched_count_key));
}

void unmatched_count(RowCheck& at) { at.record<UnmatchedCount>(); }

void restores(RowCheck& at) {
  at.expect(from_name<Environment>(at.names[0]).has_value(), "has no valid environment in its key");
  at.record<Restores>();
}

}  // namespace lntpay::rules
