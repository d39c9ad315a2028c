// The context of one session: storage, outbound requests and waits, randomness, the operator's settings, the sandbox clock; and its
// output besides rows: due hints and alarms.
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

/// Work is due in the shard at that time. A hint for the host; the due row is authoritative.
struct DueHint {
  Shard shard;
  UnixMillis at;
};

/// Kept by an engine instance between sessions to save reads; may be lost at any time. A layer above derives its cache from it.
class InstanceCache {
 public:
  virtual ~InstanceCache() = default;
  virtual void clear() = 0;
};

/// Who makes a request, for the audit trail.
struct Caller {
  std::string id;       ///< "operator", or an API key's id; empty: the public, or a due task
  std::string address;  ///< the client's
};

/// The requests that an instance has not logged yet (core/request/request_log.hpp).
class PendingRequests;

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
  /// Events that need an operator, logged after the commit that caused them: a name and ids, never secrets.
  std::vector<std::string> alarms;
  std::string request_id;  ///< empty for a due task
  Caller caller;

  InstanceCache* cache = nullptr;             ///< null: the instance has none
  PendingRequests* requests = nullptr;        ///< null: requests are not logged
  MakeCommitHook make_commit_hook = nullptr;  ///< null: commits contain only the rows of their operation

  SandboxControls sandbox;  ///< of the test workspace that the session entered (enter_tenant); defaults in live

  /// The workspace's time, for charges, invoices, payments and retries.
  [[nodiscard]] UnixMillis now() const { return seam.now() + sandbox.ahead; }
  /// The host's time, for leases, waits, keys, limits and signatures; the sandbox clock does not move it.
  [[nodiscard]] UnixMillis host_now() const { return seam.now(); }
  /// Converts a time of the workspace to the host's clock.
  [[nodiscard]] UnixMillis on_host(UnixMillis at) const { return at - sandbox.ahead; }
};

}  // namespace lntpay
