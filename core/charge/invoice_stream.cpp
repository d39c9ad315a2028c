// Credits first, in the shards of the workspaces; then the cursor, once.
#include "core/charge/invoice_stream.hpp"

#include <utility>

#include "core/base/encoding.hpp"
#include "core/charge/charge_refresh.hpp"
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

/// Defers a credit to a due row, with an alarm, so that it does not block the others.
Task<Result<>> defer_credit(Context& cx, Settlement settlement, std::string why) {
  const auto hash = hex(settlement.invoice.payment_hash);
  WriteBatch batch;
  add_due_on_host(cx, batch, {std::string(deferred_credit_kind), operator_tenant(), hash}, cx.host_now() + deferred_credit_retry);
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
    noted = co_await attempt(credit_settled(cx, tenant, settled));
    if (noted) co_return {};
  }
  if (settled.size() == 1) co_return co_await attempt(defer_credit(cx, settled.front(), noted.error().message));
  for (const auto& each : settled) co_await credit(cx, tenant, {each});
  co_return {};
}

Task<Result<>> move_cursor(Context& cx, std::uint64_t settle_index) {
  return retry([&cx, settle_index]() -> Task<Result<>> {
    const auto stored = co_await cx.store.load<StreamCursor>(std::string(stream_cursor_key));
    if (!stored || stored->record.settle_index == settle_index) co_return {};
    WriteBatch batch;
    batch.replace(stored->entry, to_row(StreamCursor{stored->record.node, settle_index}));
    co_return co_await attempt(cx.store.commit(std::move(batch)));
  });
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
  std::vector<std::string> finders;
  for (const auto& line : lines) {
    auto each = settled_in(line, cx.now());
    if (!each) continue;
    finders.push_back(finder_key(Environment::live, each->invoice.payment_hash));
    settled.push_back(std::move(*each));
  }
  if (settled.empty()) co_return {};
  const auto reached = settled.back().settle_index;
  const auto rows = co_await cx.store.get_each(finders);
  WorkspaceId workspace;
  std::vector<Settlement> together;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] && !*rows[i]) continue;  // not an invoice of ours
    const auto finder = rows[i] ? from_row<ChargeFinder>(**rows[i]) : damaged_row(finders[i]);
    if (!finder) {  // the charge's due row polls the node, and finds the payment a little later
      cx.alarms.push_back(finder.error().message);
      continue;
    }
    if (finder->workspace != workspace || together.size() == settlements_max) {
      co_await credit(cx, {Environment::live, std::exchange(workspace, finder->workspace)}, std::exchange(together, {}));
    }
    together.push_back({finder->charge, std::move(settled[i].invoice)});
  }
  co_await credit(cx, {Environment::live, workspace}, std::move(together));
  co_return co_await attempt(move_cursor(cx, reached));
}

Task<Result<>> retry_deferred_credit(Context& cx, std::string key) {
  const auto work = parse_due_key(key);
  const auto hash = work ? hex_decode32(work->id) : std::nullopt;
  co_await invariant(hash.has_value(), "a deferred credit's due row names its payment hash");
  const auto claimed = co_await claim_due(cx, key, deferred_credit_retry);
  const auto finder = co_await cx.store.load<ChargeFinder>(finder_key(Environment::live, *hash));
  co_await invariant(finder.has_value(), "a deferred credit belongs to a charge");
  // On failure it is retried when the lease expires.
  co_await refresh_charge(cx, {Environment::live, finder->record.workspace}, finder->record.charge);
  co_return co_await attempt(finish_due(cx, claimed));
}

}  // namespace lntpay
