// The node's stream of invoices: what was paid is credited within milliseconds, and a cursor stands behind what is. A stream only
// makes it quicker: every open charge has its due row as well, so what a stream misses is found a little later.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/tenant/context.hpp"

namespace lntpay {

/// How far the stream was taken: lnd's settle_index, which only this node's stream has. 0: from now.
struct StreamCursor {
  static constexpr int row_version = 1;
  std::string node;  ///< core/lightning/node/node_instance.hpp
  std::uint64_t settle_index = 0;
  auto fields(this auto& self) { return std::tie(self.node, self.settle_index); }
};
inline constexpr std::string_view stream_cursor_key = "00/node/live/cursor";

/// The request that opens the stream behind the cursor; nullopt: there is no node. A cursor of another node is not used.
/// Fails with node_unavailable, storage_unavailable.
Task<Result<std::optional<Outgoing>>> open_invoice_stream(Context& cx);

/// Lines of the stream, in order. Then: every charge that they settle is credited, and only then the cursor stands behind them.
/// Those of one workspace are credited several in a commit. One that cannot be committed ten times in a row is parked: a due row
/// and an alarm, and the others go on. Fails with storage_unavailable where not even that can be written: the cursor stands where
/// it stood, and the stream is to be opened anew.
Task<Result<>> take_invoice_lines(Context& cx, std::vector<std::string> lines);

/// Due work of the operator's shard: one parked credit, its id the payment hash in hex. The node is asked what was paid.
inline constexpr std::string_view parked_kind = "credit";
Task<Result<>> credit_parked(Context& cx, std::string due_key);

}  // namespace lntpay
