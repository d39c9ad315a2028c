// What one session works with: the world through the seam, chance, the operator's settings; and what it leaves behind beside
// rows: wakes, and lines for the operator.
#pragma once
#include <string>
#include <vector>

#include "core/base/settings.hpp"
#include "core/base/shard.hpp"
#include "core/crypto/random.hpp"
#include "core/effects/store.hpp"
#include "core/effects/world.hpp"
#include "core/sandbox/controls.hpp"

namespace lntpay {

/// Something is due in the shard at that time. A hint for the host; the due row is what counts.
struct DueHint {
  Shard shard;
  UnixMillis at;
};

class GateCache;

struct Context {
  Context(Seam& through, Random& chance, const Settings& decided)
      : seam(through), random(chance), settings(decided), store(through), fetch(through), wait(through) {}

  Seam& seam;
  Random& random;
  const Settings& settings;
  Store store;
  Fetch fetch;
  Wait wait;
  std::vector<DueHint> due;
  /// What an operator has to look at, after the commit that it tells of: a name and ids, never a secret.
  std::vector<std::string> alarms;
  std::string request_id;  ///< of the request that the session is; empty for a task

  GateCache* gates = nullptr;  ///< of the instance, if it has one

  SandboxControls sandbox;  ///< of the test workspace whose session it is (core/sandbox/operations); else nothing

  /// The workspace's time: that of its charges, invoices, payments and retries.
  [[nodiscard]] UnixMillis now() const { return seam.now() + sandbox.ahead; }
  /// The host's time: that of leases, waits, keys, limits and signatures, which no sandbox moves.
  [[nodiscard]] UnixMillis host_now() const { return seam.now(); }
  /// When the workspace's time comes on the host's clock.
  [[nodiscard]] UnixMillis on_host(UnixMillis at) const { return at - sandbox.ahead; }
};

}  // namespace lntpay
