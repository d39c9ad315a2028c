// Due work: a row says what is to be done and when, written in the commit that causes it.
//
// Key: `{shard}/due/{ms}/{kind}/{environment}/{workspace}/{id}`, value empty. A task claims its row by moving it to now + a
// lease longer than its longest call; when it has worked, its last commit removes the claimed row (or moves it on). So
// whatever dies in the middle runs again when the lease is over.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/effects/context.hpp"
#include "core/workspace/realm.hpp"

namespace lntpay {

/// What a due row names.
struct DueWork {
  std::string kind;  ///< "charge", "webhook", "idem", …: edge/engine/tasks knows which operation runs it
  Realm realm;
  std::string id;
};

std::string due_key(const DueWork& work, UnixMillis at);
/// nullopt for a key that is not a due row's.
std::optional<DueWork> parse_due_key(std::string_view key);
/// When the row's work is due; for a due row's key only.
UnixMillis due_time(std::string_view key);
/// All due rows of a shard.
std::string due_prefix(Shard shard);

/// Adds the due row to the plan and leaves the hint.
void plan_due(Context& cx, Plan& plan, const DueWork& work, UnixMillis at);

/// Moves the row to now + lease and yields it as it then is, to be removed with the result. Fails with lease_elsewhere when
/// it is not ours to run: not due yet, or the row is gone, because somebody else runs it or it is done.
Task<Result<Entry>> claim_due(Context& cx, std::string key, Millis lease);

}  // namespace lntpay
