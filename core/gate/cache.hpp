// Gates that this instance entered a moment ago, so that checking a pass which time alone limits asks the store for nothing.
//
// It is the one thing that an instance knows between sessions beside its settings, and it may be lost at any time. What changes a
// gate, or a sandbox's clock, clears it here at once; another instance goes by the gate as it was for `gate_fresh_for` at most.
#pragma once
#include <cstdint>
#include <map>
#include <memory>

#include "core/gate/gate.hpp"
#include "core/tenant/context.hpp"

namespace lntpay {

inline constexpr Millis gate_fresh_for = seconds(5);

class GateCache : public InstanceCache {
 public:
  struct Known {
    std::shared_ptr<const EnteredGate> at;
    SandboxControls sandbox;  ///< of its workspace
    UnixMillis read_at;       ///< on the host's clock, before it was read
  };

  /// nullptr where it is not known, or no longer fresh.
  [[nodiscard]] const Known* find(const GateId& id, UnixMillis host_now) const;

  /// Of what is read from now on: `keep` takes only what was read since the last `clear`.
  [[nodiscard]] std::uint64_t generation() const { return generation_; }
  void keep(const GateId& id, Known known, std::uint64_t generation);
  void clear() override;

 private:
  std::map<GateId, Known> known_;
  std::uint64_t generation_ = 0;
};

}  // namespace lntpay
