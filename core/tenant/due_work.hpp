// Due work: a row says what is to be done and when, written in the commit that causes it.
//
// Key: `{shard}/due/{kind}/{ms}/{environment}/{workspace}/{id}`. A task claims its row by moving it to now + a lease longer than
// its longest call; when it has worked, its last commit removes the claimed row (or moves it on). So whatever dies in the middle
// runs again when the lease is over.
//
// Keys hold the host's time, for that is what wakes. Work that is due by the workspace's clock says in its value how far ahead that
// clock was when the key was written (empty: not at all), so that it can be moved when the clock is; leases and whatever else
// goes by the host's clock say "host".
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/tenant/context.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

/// What a due row names.
struct DueWork {
  std::string kind;  ///< "charge", "webhook", "idem", …: edge/engine/tasks knows which operation runs it
  TenantScope tenant;
  std::string id;
};

std::string due_key(const DueWork& work, UnixMillis at);
/// nullopt for a key that is not a due row's.
std::optional<DueWork> parse_due_key(std::string_view key);
/// When the row's work is due; for a due row's key only.
UnixMillis due_time(std::string_view key);
/// All due rows of a shard.
std::string due_prefix(Shard shard);

/// Adds the due row to the batch and leaves the hint; `at` is by the workspace's clock.
void add_due(Context& cx, WriteBatch& batch, const DueWork& work, UnixMillis at);
/// Takes back what `add_due` added.
void remove_due(const Context& cx, WriteBatch& batch, const DueWork& work, UnixMillis at);
/// As `add_due`, by the host's clock.
void add_due_on_host(Context& cx, WriteBatch& batch, const DueWork& work, UnixMillis at);

/// Moves a due row to where the workspace's clock, as it now is, puts it. Whether it was elsewhere.
bool reschedule_due(Context& cx, WriteBatch& batch, const DueWork& work, const Entry& due);

/// Moves the row to now + lease and yields it as it then is, to be removed with the result. Fails with lease_elsewhere when
/// it is not ours to run: not due yet, or the row is gone, because somebody else runs it or it is done.
Task<Result<Entry>> claim_due(Context& cx, std::string key, Millis lease);

}  // namespace lntpay
