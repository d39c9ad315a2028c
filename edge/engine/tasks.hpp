// Due work: what is due in a shard, and which operation runs a due row.
#pragma once
#include "core/tenant/due_work.hpp"
#include "edge/engine/contract.hpp"

namespace lntpay {

inline constexpr std::uint32_t tasks_max = 256;

/// What is due in the shard now, of each kind the longest due first, and when something will be. A page has room for every kind:
/// however many webhooks wait for their turn at the host, a charge is not behind them. Beyond a page it is found a little later:
/// every task moves its row or removes it, also one that fails, so that none is behind others for ever.
Task<Outcome> wake_shard(Context& cx, Shard shard);

/// Runs the due row that the key names. A failure is no answer to anybody: the row stands later then, and runs again.
Task<Result<>> run_task(Context& cx, std::string key);

}  // namespace lntpay
