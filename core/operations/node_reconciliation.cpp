// Our row is read first, the node second. The node's payments are final, so only our row can be outdated; comparing a second time
// detects that.
#include "core/operations/node_reconciliation.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "core/base/encoding.hpp"
#include "core/charge/challenge_row.hpp"
#include "core/charge/charge.hpp"
#include "core/ledger/verification.hpp"
#include "core/lightning/node/node_instance.hpp"
#include "core/operations/reconciliation_objects.hpp"
#include "core/withdrawal/payment_hash_lock.hpp"
#include "core/withdrawal/withdrawal.hpp"

namespace lntpay {
namespace {

using enum DifferenceKind;

/// One side of a comparison.
struct Side {
  std::string_view state;
  bool has_money = false;
  Msat amount{};
};

/// nullopt: both sides agree on the money.
std::optional<DifferenceKind> compare(const Side& here, const Side& there, DifferenceKind only_there, DifferenceKind only_here,
                                      DifferenceKind amounts) {
  if (there.has_money != here.has_money) return there.has_money ? only_there : only_here;
  return here.has_money && here.amount != there.amount ? std::optional(amounts) : std::nullopt;
}

/// Empty if there is none.
std::string difference_json(std::optional<DifferenceKind> kind, const std::string& id, const Bytes32& payment_hash,
                            const Side& here, const Side& there) {
  if (!kind) return {};
  return difference_object.text({
      .kind = *kind,
      .id = id,
      .payment_hash = payment_hash,
      .status = here.state,
      .node = there.state,
      .here = here.has_money ? here.amount : Msat{},
      .there = there.has_money ? there.amount : Msat{},
  });
}

std::string difference_of(const Charge& charge, bool credited, const std::optional<NodeInvoice>& invoice) {
  const Side here{name_of(charge.status), credited, charge.settled};
  const Side there = invoice ? Side{name_of(invoice->state), invoice->state == InvoiceState::settled, invoice->paid}
                             : Side{name_of(PaymentState::not_found)};
  auto kind = compare(here, there, not_credited, not_received, other_amount);
  const bool pending = charge.status == ChargeStatus::pending;
  if (!kind && pending && !invoice) kind = no_invoice;
  if (!kind && !pending && invoice && invoice->state == InvoiceState::open) kind = still_open;
  return difference_json(kind, charge.id.text(), charge.payment_hash, here, there);
}

/// `booked`: the ledger has its entries. `node` is the instance that gave the record. A record from before our send is not ours.
std::string difference_of(const Withdrawal& withdrawal, bool booked, PaymentRecord record, std::string_view node) {
  const bool sent = withdrawal.dispatched_at.has_value();
  const bool restored = sent && withdrawal.node != node;
  const bool another = restored && instance_key(withdrawal.node) != instance_key(node);
  if (sent && !restored && record.index == withdrawal.base_index) record = {};
  // A withdrawal that was given up and then paid is accounted for too, in suspense.
  const bool settled = is_final(withdrawal.status) && !withdrawal.sealed_preimage.empty() && booked;
  Side here{name_of(withdrawal.status), settled, withdrawal.fee};
  Side there{name_of(record.state), record.state == PaymentState::succeeded, record.fee};
  auto kind = compare(here, there, not_settled, not_paid, other_fee);
  const auto arrived = record.amount.value_or(withdrawal.reserved.amount);
  if (!kind && settled && arrived != withdrawal.reserved.amount) {
    kind = other_amount;
    here.amount = withdrawal.reserved.amount;
    there.amount = arrived;
  }
  const bool open = sent && !is_final(withdrawal.status);
  if (!kind && open && (withdrawal.seen || restored) && record.state == PaymentState::not_found) kind = no_payment;
  // Another node's record proves nothing about this withdrawal, unless it has paid.
  if (another && !there.has_money) kind = another_node;
  return difference_json(kind, withdrawal.id.text(), withdrawal.payment_hash, here, there);
}

Task<Result<std::string>> compare_charge(Context& cx, const TenantScope& tenant, const std::string& key) {
  const auto charge = co_await cx.store.load<Charge>(key);
  co_await invariant(charge.has_value(), "a charge that is listed exists");
  const auto credited = co_await find_posted(cx, tenant, {credit_transfer_id(charge->record.payment_hash)});
  const auto node = co_await require_node(cx, tenant);
  co_return difference_of(charge->record, credited.front(), co_await node->lookup(charge->record.payment_hash));
}

Task<Result<std::string>> compare_withdrawal(Context& cx, const TenantScope& tenant, const std::string& key) {
  const auto stored = co_await cx.store.load<Withdrawal>(key);
  co_await invariant(stored.has_value(), "a withdrawal that is listed exists");
  const auto& withdrawal = stored->record;
  if (!is_visible(withdrawal.status) || withdrawal.status == WithdrawalStatus::pending) co_return {};
  const auto node = co_await require_node(cx, tenant);
  const auto identity = co_await node->identity();
  const auto found = co_await node->look_up_payment(withdrawal.payment_hash);
  if (co_await is_taken_over(cx, tenant.environment, withdrawal)) co_return {};  // the record belongs to another withdrawal
  std::vector<Bytes32> transfers;
  for (const auto& each : booked_transfers(withdrawal)) transfers.push_back(each.id);
  const auto booked = std::ranges::all_of(co_await find_posted(cx, tenant, std::move(transfers)), std::identity{});
  co_return difference_of(withdrawal, booked, found.record, co_await node_instance_of(cx, tenant.environment, identity));
}

/// Compares up to `rows` charges or withdrawals after `found.last`, and subtracts their number from `rows`.
Task<Result<>> compare_records(Context& cx, const TenantScope& tenant, bool charges, std::uint32_t& rows, Reconciliation& found) {
  const auto prefix = tenant.key(charges ? "charge" : "wd") + "/";
  const auto listed = co_await cx.store.scan({prefix, found.last.empty() ? std::string() : prefix + found.last, rows, false});
  for (const auto& row : listed) {
    std::string difference;
    for (int tries = 0; tries < 2; ++tries) {
      difference = co_await (charges ? compare_charge : compare_withdrawal)(cx, tenant, row.key);
      if (difference.empty()) break;
    }
    if (!difference.empty()) {
      found.differences.raw(difference);
      found.differs = true;
    }
    found.last = row.key.substr(prefix.size());
  }
  (charges ? found.charges : found.withdrawals) = listed.size();
  if (listed.size() < rows) found.last.clear();
  rows -= static_cast<std::uint32_t>(listed.size());
  co_return {};
}

/// `credited`: what its charge received, if it has a credit.
std::string difference_of(const ChallengeRow& challenge, std::optional<Msat> credited, const std::optional<NodeInvoice>& invoice) {
  const Side here{name_of(challenge.state), credited.has_value(), credited.value_or(Msat{})};
  const Side there = invoice ? Side{name_of(invoice->state), invoice->state == InvoiceState::settled, invoice->paid}
                             : Side{name_of(PaymentState::not_found)};
  auto kind = compare(here, there, not_credited, not_received, other_amount);
  if (!kind && challenge.state == ChallengeState::issued && !invoice) kind = no_invoice;
  return difference_json(kind, hex(challenge.payment_hash), challenge.payment_hash, here, there);
}

Task<Result<std::string>> compare_challenge(Context& cx, const std::string& key) {
  const auto stored = co_await cx.store.load<ChallengeRow>(key);
  if (!stored) co_return {};  // it has ended meanwhile
  const auto& challenge = stored->record;
  const TenantScope tenant{Environment::live, challenge.workspace};
  const auto credit = co_await cx.store.get(transfer_key(tenant, credit_transfer_id(challenge.payment_hash)));
  std::optional<Msat> credited;
  if (challenge.charge) {
    const auto charge = co_await cx.store.load<Charge>(charge_key(tenant, *challenge.charge));
    if (charge && credit) credited = charge->record.settled;
  }
  const auto node = co_await require_node(cx, tenant);
  co_return difference_of(challenge, credited, co_await node->lookup(challenge.payment_hash));
}

/// Whether the node disagrees about a challenge, twice.
Task<Result<>> add_challenge(Context& cx, const std::string& key, ChallengeReconciliation& found) {
  std::string difference;
  for (int tries = 0; tries < 2; ++tries) {
    difference = co_await compare_challenge(cx, key);
    if (difference.empty()) co_return {};
  }
  found.differences.raw(difference);
  found.differs = true;
  co_return {};
}

}  // namespace

Task<Result<>> reconcile(Context& cx, const TenantScope& tenant, std::uint32_t rows, Reconciliation& found) {
  co_await require_node(cx, tenant);  // fails even if there is nothing to compare
  if (!found.last.starts_with(WithdrawalIdTag::prefix)) co_await compare_records(cx, tenant, true, rows, found);
  if (rows > 0) co_await compare_records(cx, tenant, false, rows, found);
  co_return {};
}

Task<Result<>> reconcile_challenges(Context& cx, std::uint32_t rows, ChallengeReconciliation& found) {
  co_await require_node(cx, {Environment::live, {}});
  const auto last = std::exchange(found.last, {});
  const auto first = Shard::parse(std::string_view(last).substr(0, 2)).value_or(Shard{});
  for (unsigned number = 0; number < challenge_shard_count; ++number) {
    const auto shard = Shard::number(number);
    if (shard < first) continue;
    const auto prefix = challenge_prefix(shard);
    for (const auto& row : co_await cx.store.scan({prefix, last.starts_with(prefix) ? last : std::string(), rows, false})) {
      co_await add_challenge(cx, row.key, found);
      ++found.challenges;
      found.last = row.key;
      if (--rows == 0) co_return {};
    }
  }
  found.last.clear();
  co_return {};
}

}  // namespace lntpay
