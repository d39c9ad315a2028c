// Due work: what is due in a shard, and which operation runs a due row.
#pragma once
#include "core/effects/due.hpp"
#include "edge/engine/contract.hpp"

namespace lntpay {

inline constexpr std::uint32_t tasks_max = 256;

/// What is due in the shard now, and when something will be.
Task<Outcome> wake_shard(Context& cx, Shard shard);

/// Runs the due row that the key names. A failure is no answer to anybody: the row's lease runs out and it runs again.
Task<Result<>> run_task(Context& cx, std::string key);

}  // namespace lntpay
