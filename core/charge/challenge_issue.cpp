// The order matters: row and due row, then the node, then the row again. So a payment never arrives for an unknown invoice, and a
// client never has an invoice whose row could be deleted as one that nobody has.
#include "core/charge/challenge_issue.hpp"

#include <utility>

#include "core/charge/challenge_settlement.hpp"
#include "core/charge/charge_creation.hpp"
#include "core/crypto/seal.hpp"
#include "core/crypto/sha256.hpp"
#include "core/lightning/node/node_instance.hpp"

namespace lntpay {
namespace {

constexpr Millis challenge_valid_for = seconds(challenge_expires_in_s);

/// Writes the row and its due row, or takes over an earlier run's. As in charge_creation.cpp, the first try reads nothing.
Task<Result<ChallengeRow>> write_issuing(Context& cx, TenantScope tenant, ChallengeRow fresh, IdempotencyClaim claim) {
  const auto key = challenge_key(tenant, fresh.payment_hash);
  co_return co_await retry([&, again = false]() mutable -> Task<Result<ChallengeRow>> {
    if (const auto there = std::exchange(again, true) ? co_await cx.store.load<ChallengeRow>(key) : std::nullopt) {
      co_await claim.require_earlier_run("a preimage");
      const bool same = there->record.workspace == fresh.workspace && there->record.gate == fresh.gate;
      co_await invariant(same, "a payment hash belongs to one challenge");
      co_return there->record;
    }
    WriteBatch batch;
    batch.create(key, to_row(fresh));
    add_due(cx, batch, challenge_work(tenant, fresh.payment_hash), fresh.due_at);
    co_await cx.store.commit(std::move(batch));
    co_return fresh;
  });
}

/// The last step: the row gets the node's invoice. Yields the row; nullopt if it was removed, or is settled.
Task<Result<std::optional<ChallengeRow>>> write_issued(Context& cx, TenantScope tenant, NodeInvoice invoice) {
  const auto key = challenge_key(tenant, invoice.payment_hash);
  co_return co_await retry([&]() -> Task<Result<std::optional<ChallengeRow>>> {
    const auto stored = co_await cx.store.load<ChallengeRow>(key);
    if (!stored || stored->record.state == ChallengeState::settled) co_return std::nullopt;
    auto row = stored->record;
    if (row.state == ChallengeState::issued) co_return row;  // by a commit with an unknown outcome, or by the same request's twin
    row.state = ChallengeState::issued;
    row.bolt11 = invoice.bolt11;
    row.expires_at = invoice.expires_at;
    row.missing_since.reset();  // a poll before the invoice was made is no evidence about it
    WriteBatch batch;
    batch.replace(stored->entry, to_row(row));
    co_await cx.store.commit(std::move(batch));
    co_return row;
  });
}

/// The node has no invoice of it, so nothing can be paid. If this fails, the due task removes it.
Task<Result<>> remove_issuing(Context& cx, TenantScope tenant, Bytes32 payment_hash) {
  const auto stored = co_await cx.store.load<ChallengeRow>(challenge_key(tenant, payment_hash));
  if (!stored || stored->record.state != ChallengeState::issuing) co_return {};
  WriteBatch batch;
  batch.remove(stored->entry);
  remove_due(cx, batch, challenge_work(tenant, payment_hash), stored->record.due_at);
  co_return co_await attempt(cx.store.commit(std::move(batch)));
}

}  // namespace

Task<Result<Charge>> issue_challenge(Context& cx, TenantScope tenant, ChallengeRequest asked, IdempotencyClaim claim) {
  const auto node = co_await require_node(cx, tenant);
  auto instance = co_await recent_instance(cx, tenant.environment);
  auto random = claim.random(cx);
  const auto preimage = random.bytes32();
  const auto payment_hash = sha256(preimage);
  const auto expires_at = cx.now() + challenge_valid_for;
  const auto row = co_await write_issuing(cx, tenant,
                                          {.workspace = tenant.workspace,
                                           .gate = asked.gate,
                                           .payment_hash = payment_hash,
                                           .amount = asked.amount,
                                           .description = std::move(asked.description),
                                           .gate_terms = std::move(asked.gate_terms),
                                           .late_policy = asked.late_policy,
                                           .client = std::move(asked.client.client),
                                           .network = std::move(asked.client.network),
                                           .sealed_preimage = seal(cx.settings.seal, challenge_key(tenant, payment_hash), preimage),
                                           .created_at = cx.now(),
                                           .expires_at = expires_at,
                                           .node = std::move(instance),
                                           .due_at = expires_at + challenge_poll_after},
                                          claim);
  if (row.state == ChallengeState::issuing) {
    const auto made = co_await attempt(node->add_invoice(
        {.preimage = preimage, .amount = row.amount, .description = row.description, .expiry_s = challenge_expires_in_s}));
    if (!made && node->made_nothing()) co_await attempt(remove_issuing(cx, tenant, payment_hash));
    const auto& invoice = co_await Result<NodeInvoice>(made);
    const bool good = invoice.state == InvoiceState::open && agrees(invoice, row.amount, challenge_valid_for, row.description);
    if (!good) co_return fail(ErrorCode::node_unavailable, "The Lightning node has another invoice, or an old one. Ask again.");
    auto issued = co_await attempt(write_issued(cx, tenant, invoice));
    if (issued && *issued) co_return unpaid_charge(**issued, cx.now());
    co_await attempt(node->cancel(payment_hash));
    if (!issued) co_return std::unexpected(std::move(issued.error()));
  }
  auto charge = co_await find_by_hash(cx, std::move(tenant), payment_hash);
  if (!charge) co_return fail(ErrorCode::node_unavailable, "The invoice of this request has ended. Ask again.");
  co_return std::move(*charge);
}

}  // namespace lntpay
