// The node's invoice stream: payments are credited within milliseconds, and a cursor records the progress. The stream is only an
// optimization: the due row of every open charge finds missed payments a little later, that of a challenge after its expiry.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/tenant/context.hpp"

namespace lntpay {

/// The progress: the settle_index of lnd, which is valid for this node only. 0: from now.
struct StreamCursor {
  static constexpr int row_version = 1;
  std::string node;  ///< core/lightning/node/node_instance.hpp
  std::uint64_t settle_index = 0;
  auto fields(this auto& self) { return std::tie(self.node, self.settle_index); }
};
inline constexpr std::string_view stream_cursor_key = "00/node/live/cursor";

/// The request that opens the stream after the cursor; nullopt: no node is configured. Another node's cursor is not used.
/// Fails with node_unavailable, storage_unavailable.
Task<Result<std::optional<Outgoing>>> open_invoice_stream(Context& cx);

/// Credits the charges and challenges that these lines settle, in order, then moves the cursor. Consecutive ones of a workspace
/// share a commit. A credit that fails ten times is deferred with a due row and an alarm, and the others continue; what is beyond a
/// session's bound is deferred in the commit of the cursor, which also counts what is neither (unmatched_settlement.hpp). Fails
/// with storage_unavailable if that fails too: the cursor has not moved, and the caller reopens the stream.
Task<Result<>> take_invoice_lines(Context& cx, std::vector<std::string> lines);

/// Due work of the operator's shard: a deferred credit, whose id is the payment hash in hex. Polls the node and credits the charge
/// or challenge.
inline constexpr std::string_view deferred_credit_kind = "credit";
Task<Result<>> retry_deferred_credit(Context& cx, std::string due_key);

}  // namespace lntpay
