// Credits first, in the shards of the workspaces, each challenge's row after its credit; then the cursor, once, with what this
// session leaves to others.
#include "core/charge/invoice_stream.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/base/encoding.hpp"
#include "core/charge/challenge_settlement.hpp"
#include "core/charge/charge_refresh.hpp"
#include "core/charge/unmatched_settlement.hpp"
#include "core/lightning/node/lnd.hpp"
#include "core/lightning/node/node_instance.hpp"
#include "core/tenant/due_work.hpp"
#include "core/tenant/operator.hpp"

namespace lntpay {
namespace {

/// Longer than any line: an invoice has about 500 bytes for each of its HTLCs.
constexpr std::uint32_t line_bytes_max = 1U << 20;

constexpr int credit_tries = 10;
constexpr Millis deferred_credit_retry = minutes(1);

/// Settlements of ours that one session credits; the others become due work of their own.
constexpr std::size_t credited_per_session_max = 100;

struct Settled {
  NodeInvoice invoice;
  std::uint64_t settle_index = 0;
};

/// The invoice of a settlement line; nullopt for other lines, such as new invoices and errors.
std::optional<Settled> settled_in(const std::string& line, UnixMillis now) {
  // Every invoice that is made has a line as well: most are not worth reading.
  if (!line.contains("\"SETTLED\"")) return std::nullopt;
  const auto message = lnd::read_message(line);
  const auto* result = message ? message->find("result") : nullptr;
  if (result == nullptr || lnd::text_in(*result, "state") != "SETTLED") return std::nullopt;
  const auto index = lnd::number_in(*result, "settle_index");
  auto invoice = lnd::invoice_in(*result, now);
  if (!index || !invoice) return std::nullopt;
  return Settled{std::move(*invoice), *index};
}

DueWork deferred_work(const Bytes32& payment_hash) {
  return {std::string(deferred_credit_kind), operator_tenant(), hex(payment_hash)};
}

/// Defers a credit to a due row, with an alarm, so that it does not block the others.
Task<Result<>> defer_credit(Context& cx, Settlement settlement, std::string why) {
  WriteBatch batch;
  add_due_on_host(cx, batch, deferred_work(settlement.invoice.payment_hash), cx.host_now() + deferred_credit_retry);
  co_await cx.store.commit(std::move(batch));
  cx.alarms.push_back("charge.parked: " + settlement.charge.text() +
                      " was paid but cannot be credited yet; retrying every minute: " + why);
  co_return {};
}

/// Credits the charges, one by one if they fail together. A charge that still fails is deferred.
Task<Result<>> credit(Context& cx, TenantScope tenant, std::vector<Settlement> settled) {
  if (settled.empty()) co_return {};
  Result<> noted;
  for (int i = 0; i < credit_tries; ++i) {
    noted = co_await attempt(settle(cx, tenant, settled));
    if (noted) co_return {};
  }
  if (settled.size() == 1) co_return co_await attempt(defer_credit(cx, settled.front(), noted.error().message));
  for (const auto& each : settled) co_await credit(cx, tenant, {each});
  co_return {};
}

/// What is committed with the cursor.
struct StreamProgress {
  std::uint64_t settle_index = 0;
  std::vector<Bytes32> left_over{};  ///< hashes of ours, beyond a session's bound
  std::vector<UnmatchedSettlement> unmatched{};
};

Task<Result<>> move_cursor(Context& cx, StreamProgress progress) {
  return retry([&cx, progress]() -> Task<Result<>> {
    const auto stored = co_await cx.store.load<StreamCursor>(std::string(stream_cursor_key));
    if (stored && stored->record.settle_index == progress.settle_index) co_return {};
    WriteBatch batch;
    for (const auto& hash : progress.left_over) add_due_on_host(cx, batch, deferred_work(hash), cx.host_now());
    co_await add_unmatched(cx, batch, progress.unmatched);
    if (stored) batch.replace(stored->entry, to_row(StreamCursor{stored->record.node, progress.settle_index}));
    if (batch.empty()) co_return {};
    co_return co_await attempt(cx.store.commit(std::move(batch)));
  });
}

TenantScope live_tenant(WorkspaceId workspace) { return {Environment::live, std::move(workspace)}; }

/// nullptr: neither a charge nor a challenge.
const WorkspaceId* workspace_of(const FoundByHash& found) {
  if (found.challenge) return &found.challenge->workspace;
  return found.charge ? &found.charge->workspace : nullptr;
}

/// From the rows of `found_keys`, which begin at `first`.
Result<FoundByHash> found_in(const std::vector<Result<std::optional<Entry>>>& rows, const std::vector<std::string>& keys,
                             std::size_t first) {
  for (const auto row : {first, first + 1}) {
    if (!rows[row]) return damaged_row(keys[row]);
  }
  return read_found(*rows[first], *rows[first + 1]);
}

Settlement settlement_for(FoundByHash found, NodeInvoice invoice) {
  if (!found.challenge) return {std::move(found.charge->charge), std::move(invoice)};
  return settlement_of(live_tenant(found.challenge->workspace), std::move(*found.challenge), std::move(invoice));
}

/// The stored cursor of this node, or a new one.
Task<Result<StreamCursor>> cursor_of(Context& cx, std::string node) {
  return retry([&cx, node]() -> Task<Result<StreamCursor>> {
    const StreamCursor fresh{node, 0};
    const auto stored = co_await cx.store.load<StreamCursor>(std::string(stream_cursor_key));
    if (stored && stored->record.node == node) co_return stored->record;
    WriteBatch batch;
    batch.replace_or_create(stored ? &stored->entry : nullptr, std::string(stream_cursor_key), to_row(fresh));
    co_await cx.store.commit(std::move(batch));
    co_return fresh;
  });
}

}  // namespace

Task<Result<std::optional<Outgoing>>> open_invoice_stream(Context& cx) {
  if (!cx.settings.live_node) co_return std::nullopt;
  LndNode node(cx);
  const auto identity = co_await node.identity_at(lnd::receive);
  const auto cursor = co_await cursor_of(cx, co_await node_instance_of(cx, Environment::live, identity));
  auto request = lnd::request_for(lnd::receive, "/v1/invoices/subscribe?settle_index=" + std::to_string(cursor.settle_index));
  request.body_limit = line_bytes_max;
  co_return request;
}

Task<Result<>> take_invoice_lines(Context& cx, std::vector<std::string> lines) {
  std::vector<Settled> settled;
  std::vector<std::string> keys;
  for (const auto& line : lines) {
    auto each = settled_in(line, cx.now());
    if (!each) continue;
    std::ranges::move(found_keys(live_tenant({}), each->invoice.payment_hash), std::back_inserter(keys));
    settled.push_back(std::move(*each));
  }
  if (settled.empty()) co_return {};
  StreamProgress progress{.settle_index = settled.back().settle_index};
  const auto rows = co_await cx.store.get_each(keys);
  WorkspaceId workspace;
  std::vector<Settlement> together;
  std::size_t credited = 0;
  for (std::size_t i = 0; i < settled.size(); ++i) {
    auto& invoice = settled[i].invoice;
    auto found = found_in(rows, keys, 2 * i);
    if (!found) {  // the due row polls the node, and finds the payment a little later
      cx.alarms.push_back(found.error().message);
      continue;
    }
    const auto* owner = workspace_of(*found);
    if (owner == nullptr) {  // not an invoice of ours
      progress.unmatched.push_back({.payment_hash = invoice.payment_hash, .paid = invoice.paid, .settled_at = invoice.settled_at});
      continue;
    }
    if (found->challenge && found->challenge->state == ChallengeState::settled) continue;
    if (++credited > credited_per_session_max) {
      progress.left_over.push_back(invoice.payment_hash);
      continue;
    }
    if (*owner != workspace || together.size() == settlements_max) {
      co_await credit(cx, live_tenant(std::exchange(workspace, *owner)), std::exchange(together, {}));
    }
    together.push_back(settlement_for(*found, std::move(invoice)));
  }
  co_await credit(cx, live_tenant(workspace), std::move(together));
  co_return co_await attempt(move_cursor(cx, std::move(progress)));
}

Task<Result<>> retry_deferred_credit(Context& cx, std::string key) {
  const auto work = parse_due_key(key);
  const auto hash = work ? hex_decode32(work->id) : std::nullopt;
  co_await invariant(hash.has_value(), "a deferred credit's due row names its payment hash");
  const auto claimed = co_await claim_due(cx, key, deferred_credit_retry);
  const auto rows = co_await cx.store.get_all(found_keys(live_tenant({}), *hash));
  const auto found = co_await read_found(rows[0], rows[1]);
  const auto* owner = workspace_of(found);
  co_await invariant(owner != nullptr, "a deferred credit belongs to a charge or a challenge");
  // On failure it is retried when the lease expires.
  if (found.challenge) {
    co_await refresh_challenge(cx, live_tenant(*owner), *hash);
  } else {
    co_await refresh_charge(cx, live_tenant(*owner), found.charge->charge);
  }
  co_return co_await attempt(finish_due(cx, claimed));
}

}  // namespace lntpay
