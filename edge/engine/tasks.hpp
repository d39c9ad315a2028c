// Due work: finding it in a shard, and running a due row.
#pragma once
#include "core/tenant/due_work.hpp"
#include "edge/contract/contract.hpp"

namespace lntpay {

inline constexpr std::uint32_t tasks_max = 256;

/// The work that is due in the shard now, per kind the longest due first, and when more will be due. A page has room for every
/// kind, so a backlog of webhooks does not delay a charge. Work beyond a page is found in the next scan: every task moves or
/// removes its row, also if it fails, so no work starves.
Task<Outcome> wake_shard(Context& cx, Shard shard);

/// Runs the due row with this key. On failure the row moves to a later time and runs again.
Task<Result<>> run_task(Context& cx, std::string key);

}  // namespace lntpay
