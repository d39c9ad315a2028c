// The environment of one session: storage, outbound requests and waits, randomness, the operator's settings, the sandbox clock;
// and what a session produces besides rows: wakes and alarms.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "core/crypto/random.hpp"
#include "core/storage/fetch.hpp"
#include "core/storage/shard.hpp"
#include "core/storage/store.hpp"
#include "core/tenant/sandbox_controls.hpp"
#include "core/tenant/settings.hpp"

namespace lntpay {

/// Something is due in the shard at that time. A hint for the host; the due row is what counts.
struct DueHint {
  Shard shard;
  UnixMillis at;
};

/// What an engine instance keeps between sessions to save reads. It may be lost at any time; a layer above derives its cache from
/// it.
class InstanceCache {
 public:
  virtual ~InstanceCache() = default;
  virtual void clear() = 0;
};

class CommitHook;
/// Makes the hook of one unit of work (core/ledger/unit_of_work.hpp).
using MakeCommitHook = std::unique_ptr<CommitHook> (*)();

struct Context {
  Context(Seam& through, Random& entropy, const Settings& configured)
      : seam(through), random(entropy), settings(configured), store(through), fetch(through), wait(through) {}

  Seam& seam;
  Random& random;
  const Settings& settings;
  Store store;
  Fetch fetch;
  Wait wait;
  std::vector<DueHint> due;
  /// Events that need an operator, logged after the commit that caused them: a name and ids, never a secret.
  std::vector<std::string> alarms;
  std::string request_id;  ///< of the request that the session is; empty for a task

  InstanceCache* cache = nullptr;             ///< of the instance, if it has one
  MakeCommitHook make_commit_hook = nullptr;  ///< null: commits write no more than their operation

  SandboxControls sandbox;  ///< of the test workspace that the session entered (enter_tenant); all zero in live

  /// The workspace's time: that of its charges, invoices, payments and retries.
  [[nodiscard]] UnixMillis now() const { return seam.now() + sandbox.ahead; }
  /// The host's time: that of leases, waits, keys, limits and signatures, which no sandbox moves.
  [[nodiscard]] UnixMillis host_now() const { return seam.now(); }
  /// When the workspace's time comes on the host's clock.
  [[nodiscard]] UnixMillis on_host(UnixMillis at) const { return at - sandbox.ahead; }
};

}  // namespace lntpay
