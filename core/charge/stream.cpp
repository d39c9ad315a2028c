// Credits first, each in its workspace's shard; then the cursor, once.
#include "core/charge/stream.hpp"

#include "core/base/encoding.hpp"
#include "core/charge/refresh.hpp"
#include "core/node/lnd.hpp"

namespace lntpay {
namespace {

/// Longer than any line: an invoice has some 500 bytes for each of its HTLCs.
constexpr std::uint32_t line_bytes_max = 1U << 20;

struct Settled {
  NodeInvoice invoice;
  std::uint64_t settle_index = 0;
};

/// The invoice that a line says was settled; other lines tell of invoices that were made, and of errors.
std::optional<Settled> settled_in(const std::string& line, UnixMillis now) {
  // Every invoice that is made has a line as well: most are not worth reading.
  if (!line.contains("\"SETTLED\"")) return std::nullopt;
  const auto message = lnd::read_message(line);
  const auto* result = message ? message->find("result") : nullptr;
  if (result == nullptr || lnd::text_in(*result, "state") != "SETTLED") return std::nullopt;
  const auto hash = base64_decode(Base64::standard, lnd::text_in(*result, "r_hash"));
  const auto index = lnd::number_in(*result, "settle_index");
  if (!hash || hash->size() != sizeof(Bytes32) || !index) return std::nullopt;
  Bytes32 payment_hash;
  std::ranges::copy(*hash, payment_hash.begin());
  auto invoice = lnd::invoice_in(*result, payment_hash, now);
  if (!invoice) return std::nullopt;
  return Settled{std::move(*invoice), *index};
}

/// A charge that cannot be credited stops no other: its own due row tries again, and says why.
bool is_its_own(ErrorCode code) { return code == ErrorCode::not_found || code == ErrorCode::internal_error; }

Task<Result<>> credit(Context& cx, const Entry& finder_row, const NodeInvoice& invoice) {
  const auto finder = co_await from_row<ChargeFinder>(finder_row.value);
  const Realm realm{Environment::live, finder.workspace};
  const auto noted = co_await attempt(note_invoice(cx, realm, finder.charge, invoice));
  if (noted || is_its_own(noted.error().code)) co_return {};
  co_return std::unexpected(noted.error());
}

Task<Result<>> move_cursor(Context& cx, std::uint64_t settle_index) {
  return retry([&cx, settle_index]() -> Task<Result<>> {
    const auto stored = co_await cx.store.load<StreamCursor>(std::string(stream_cursor_key));
    if (!stored || stored->record.settle_index == settle_index) co_return {};
    Plan plan;
    plan.replace(stored->entry, to_row(StreamCursor{stored->record.node, settle_index}));
    co_return co_await attempt(cx.store.commit(std::move(plan)));
  });
}

/// The cursor of this node: the one that is stored, or a new one.
Task<Result<StreamCursor>> cursor_of(Context& cx, std::string node) {
  return retry([&cx, node]() -> Task<Result<StreamCursor>> {
    const StreamCursor fresh{node, 0};
    const auto stored = co_await cx.store.load<StreamCursor>(std::string(stream_cursor_key));
    if (stored && stored->record.node == node) co_return stored->record;
    Plan plan;
    if (stored) {
      plan.replace(stored->entry, to_row(fresh));
    } else {
      plan.create(std::string(stream_cursor_key), to_row(fresh));
    }
    co_await cx.store.commit(std::move(plan));
    co_return fresh;
  });
}

}  // namespace

Task<Result<std::optional<Outgoing>>> open_invoice_stream(Context& cx) {
  if (!cx.settings.live_node) co_return std::nullopt;
  LndNode node(cx);
  const auto identity = co_await node.identity_at(lnd::receive);
  const auto cursor = co_await cursor_of(cx, hex(identity.bytes));
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
  const auto rows = co_await cx.store.get_all(std::move(finders));
  // The node's other invoices are not ours: no row finds them.
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i]) co_await credit(cx, *rows[i], settled[i].invoice);
  }
  co_return co_await attempt(move_cursor(cx, settled.back().settle_index));
}

}  // namespace lntpay
