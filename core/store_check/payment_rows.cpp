// Rules of the rows of charges and withdrawals: each index row has its record, each record its index rows, its finder or lock in
// the hash's shard, and the due row that its state requires.
#include "core/base/encoding.hpp"
#include "core/charge/challenge_row.hpp"
#include "core/charge/charge.hpp"
#include "core/crypto/sha256.hpp"
#include "core/lightning/bolt11/decode.hpp"
#include "core/lightning/node/sandbox_node.hpp"
#include "core/lightning/node/sandbox_payments.hpp"
#include "core/store_check/row_rules.hpp"
#include "core/tenant/metadata_index.hpp"
#include "core/webhook/secret/workspace_secret.hpp"
#include "core/withdrawal/payment_hash_lock.hpp"
#include "core/withdrawal/withdrawal_check.hpp"
#include "core/withdrawal/withdrawal_limits.hpp"

namespace lntpay::rules {
namespace {

/// The node's missing invoice is polled until this long after its expiry: core/charge/charge_refresh.cpp.
constexpr Millis polled_after_expiry = hours(24);

/// Whether it is for this hash and, if it states an amount, this one.
bool is_for(const bolt11::Invoice& invoice, const Bytes32& payment_hash, Msat amount) {
  return invoice.payment_hash == payment_hash && invoice.amount.value_or(amount) == amount;
}

/// For an invoice of a node of ours.
bool is_invoice_of(const std::string& text, const Bytes32& payment_hash, std::optional<Msat> amount) {
  const auto invoice = bolt11::decode_unverified(text);
  return invoice && invoice->payment_hash == payment_hash && invoice->amount == amount;
}

/// Records from before the index have no rows in it.
bool is_indexed(const std::string& metadata, std::string_view hash) {
  return std::ranges::contains(indexed_metadata(metadata), hash, metadata_hash);
}

std::string hash_name(const std::string& external_id) { return hex(sha256(bytes_of(external_id))); }

bool is_of_shard(std::string_view key, std::string_view hash) {
  const auto bytes = hex_decode32(hash);
  return bytes && key.starts_with(Shard::of_hash(*bytes).text());
}

/// Its payment made it. Format 7 made charges of gates before they were paid.
bool is_of_challenge(const Charge& charge) { return !charge.gate_terms.empty() && charge.paid_at == charge.created_at; }

/// `has_due_work`: of an unpaid one.
void check_challenge(RowCheck& at, const TenantScope& tenant, const ChallengeRow& challenge, bool has_due_work) {
  const auto& hash = challenge.payment_hash;
  at.expect(challenge_key(tenant, hash) == at.row.key, "is not the row of its key");
  at.expect(challenge.charge.has_value() == (challenge.state == ChallengeState::settled),
            "is settled and has no charge, or has one");
  if (challenge.state == ChallengeState::issued)
    at.expect(is_invoice_of(challenge.bolt11, hash, challenge.amount), "has an invoice for another hash or amount");
  if (!challenge.charge) return at.expect(has_due_work, "has no due row");
  at.needs_record<Charge>(charge_key(tenant, *challenge.charge), "leads to a charge of another hash",
                          [hash](const Charge& charge) { return charge.payment_hash == hash && has_money(charge.status); });
}

}  // namespace

void challenge(RowCheck& at) {
  const auto challenge = at.record<ChallengeRow>();
  if (!challenge) return;
  const auto& scope = at.tenant.scope;
  at.expect(challenge->workspace == scope.workspace, "is of another workspace");
  const bool has_due = at.due.contains(due_name(challenge_work(scope, challenge->payment_hash)));
  check_challenge(at, scope, *challenge, has_due || !at.tenant.current);
}

void live_challenge(RowCheck& at) {
  const auto challenge = at.record<ChallengeRow>();
  if (!challenge) return;
  const TenantScope tenant{Environment::live, challenge->workspace};
  check_challenge(at, tenant, *challenge, at.due.contains(due_name(challenge_work(tenant, challenge->payment_hash))));
}

void charge(RowCheck& at) {
  const auto charge = at.record<Charge>();
  if (!charge) return;
  const auto& scope = at.tenant.scope;
  at.expect_name(0, charge->id.text());
  at.expect(charge->status != ChargeStatus::creating, "is published and creating at once");
  at.expect(is_invoice_of(charge->bolt11, charge->payment_hash, charge->amount), "has an invoice for another hash or amount");
  at.needs(charges_by_status(scope, charge->status) + charge->id.text(), "");
  if (!charge->external_id.empty()) at.needs(charges_by_external_id(scope, charge->external_id) + charge->id.text(), "");
  if (has_money(charge->status)) at.needs(transfer_key(scope, credit_transfer_id(charge->payment_hash)));
  if (is_of_challenge(*charge)) {
    // `issued` until the commit after the charge's.
    at.needs_record<ChallengeRow>(challenge_key(scope, charge->payment_hash), "is of another challenge",
                                  [id = charge->id](const ChallengeRow& challenge) { return challenge.charge.value_or(id) == id; });
  } else {
    at.needs(finder_key(scope.environment, charge->payment_hash), to_row(ChargeFinder{scope.workspace, charge->id}));
  }
  if (!charge->webhook_url.empty()) at.needs(webhook_secret_key(scope));
  if (charge->status == ChargeStatus::pending && at.tenant.now < charge->expires_at + polled_after_expiry)
    at.needs_due("charge", charge->id.text());
}

void new_charge(RowCheck& at) {
  const auto charge = at.record<Charge>();
  if (!charge) return;
  at.expect_name(0, charge->id.text());
  at.expect(charge->status == ChargeStatus::creating, "is not creating");
  at.needs(finder_key(at.tenant.scope.environment, charge->payment_hash),
           to_row(ChargeFinder{at.tenant.scope.workspace, charge->id}));
  at.needs_due("charge", charge->id.text());
}

void charge_by_status(RowCheck& at) {
  at.expect_index();
  at.needs_record<Charge>(at.tenant.scope.key("charge", at.names[1]), "lists a charge in another state",
                          [status = std::string(at.names[0])](const Charge& charge) { return name_of(charge.status) == status; });
}

void charge_by_external_id(RowCheck& at) {
  at.expect_index();
  at.needs_record<Charge>(
      at.tenant.scope.key("charge", at.names[1]), "lists a charge with another external id",
      [hash = std::string(at.names[0])](const Charge& charge) { return hash_name(charge.external_id) == hash; });
}

void charge_by_metadata(RowCheck& at) {
  at.expect_index();
  at.needs_record<Charge>(at.tenant.scope.key("charge", at.names[1]), "lists a charge with other metadata",
                          [hash = std::string(at.names[0])](const Charge& charge) { return is_indexed(charge.metadata, hash); });
}

/// It leads nowhere where the node refused the invoice, and after a reset of the sandbox.
void charge_finder(RowCheck& at) {
  at.expect(from_name<Environment>(at.names[0]).has_value() && is_of_shard(at.row.key, at.names[1]), "has no valid key");
  at.record<ChargeFinder>();
}

void withdrawal(RowCheck& at) {
  const auto withdrawal = at.record<Withdrawal>();
  if (!withdrawal) return;
  const auto& scope = at.tenant.scope;
  const auto& id = withdrawal->id.text();
  at.expect_name(0, id);
  const auto invoice = read_invoice(withdrawal->bolt11);  // as the request had it
  at.expect(invoice && is_for(*invoice, withdrawal->payment_hash, withdrawal->reserved.amount),
            "has an invoice for another hash or amount");
  if (is_visible(withdrawal->status)) {
    at.needs(withdrawals_by_status(scope, withdrawal->status) + id, "");
    if (!withdrawal->external_id.empty()) at.needs(withdrawals_by_external_id(scope, withdrawal->external_id) + id, "");
    if (const auto& charge = withdrawal->refunds) {
      at.needs(withdrawals_by_charge(scope, *charge) + id, "");
      at.needs_record<Charge>(charge_key(scope, *charge), "is refunded less than its refund",
                              [least = withdrawal->status == WithdrawalStatus::failed ? Msat{} : withdrawal->reserved.amount](
                                  const Charge& refunded) { return refunded.refunded >= least; });
    }
    for (const auto& transfer : booked_transfers(*withdrawal)) at.needs(transfer_key(scope, transfer.id));
  }
  // Another withdrawal may have taken the lock of one that failed or was abandoned, and of one that a reset ended.
  const bool holds_hash = is_locked(withdrawal->status) || withdrawal->status == WithdrawalStatus::succeeded;
  if (holds_hash && at.tenant.current) {
    at.needs(payment_hash_lock_key(scope.environment, withdrawal->payment_hash),
             to_row(PaymentHashLock{scope.workspace, scope.generation, withdrawal->id, withdrawal->attempt}));
  }
  if (has_due_work(*withdrawal) && withdrawal->status != WithdrawalStatus::abandoned) at.needs_due("withdrawal", id);
}

void withdrawal_by_status(RowCheck& at) {
  at.expect_index();
  at.needs_record<Withdrawal>(
      at.tenant.scope.key("wd", at.names[1]), "lists a withdrawal in another state",
      [status = std::string(at.names[0])](const Withdrawal& withdrawal) { return name_of(withdrawal.status) == status; });
}

void withdrawal_by_external_id(RowCheck& at) {
  at.expect_index();
  at.needs_record<Withdrawal>(
      at.tenant.scope.key("wd", at.names[1]), "lists a withdrawal with another external id",
      [hash = std::string(at.names[0])](const Withdrawal& withdrawal) { return hash_name(withdrawal.external_id) == hash; });
}

void withdrawal_by_metadata(RowCheck& at) {
  at.expect_index();
  at.needs_record<Withdrawal>(
      at.tenant.scope.key("wd", at.names[1]), "lists a withdrawal with other metadata",
      [hash = std::string(at.names[0])](const Withdrawal& withdrawal) { return is_indexed(withdrawal.metadata, hash); });
}

void withdrawal_by_charge(RowCheck& at) {
  at.expect_index();
  at.needs_record<Withdrawal>(at.tenant.scope.key("wd", at.names[1]), "lists a withdrawal that does not refund the charge",
                              [charge = std::string(at.names[0])](const Withdrawal& withdrawal) {
                                return withdrawal.refunds && withdrawal.refunds->text() == charge;
                              });
}

void payment_hash_lock(RowCheck& at) {
  const auto environment = from_name<Environment>(at.names[0]);
  at.expect(environment && is_of_shard(at.row.key, at.names[1]), "has no valid key");
  const auto lock = at.record<PaymentHashLock>();
  if (!lock || !environment) return;
  at.needs_record<Withdrawal>(
      withdrawal_key({*environment, lock->workspace, lock->generation}, lock->withdrawal),
      "is held by a withdrawal of another hash",
      [hash = std::string(at.names[1])](const Withdrawal& withdrawal) { return hex(withdrawal.payment_hash) == hash; });
}

void key_day(RowCheck& at) {
  at.record<KeyDay>();
  at.needs(key_pointer_key(at.tenant.scope, at.names[0]));
}

void sandbox_invoice(RowCheck& at) {
  const auto invoice = at.record<SandboxInvoice>();
  const auto hash = hex_decode32(at.names[0]);
  if (invoice)
    at.expect(hash && is_invoice_of(invoice->bolt11, *hash, invoice->amount), "has an invoice for another hash or amount");
}

void sandbox_outside(RowCheck& at) {
  const auto invoice = at.record<ExternalInvoice>();
  if (invoice) at.expect_name(0, hex(sha256(invoice->preimage)));
}

void sandbox_payment(RowCheck& at) {
  at.expect_hash(0);
  at.record<SandboxPayment>();
}

}  // namespace lntpay::rules
