// A cache of recently entered gates, so that checking a pass without a use limit reads nothing from the store; and of prices that
// were asked for (core/gate/asked_price).
//
// An instance keeps it between sessions, and it may be lost at any time. A change of a gate or
// of a sandbox's clock clears it at once in this instance; other instances may use the old gate for up to `gate_fresh_for`.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

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

  /// nullptr if it is missing or no longer fresh.
  [[nodiscard]] const Known* find(const GateId& id, UnixMillis host_now) const;

  /// Read it before reading a gate: `keep` ignores gates from before the last `clear`.
  [[nodiscard]] std::uint64_t generation() const { return generation_; }
  void keep(const GateId& id, Known known, std::uint64_t generation);
  void clear() override;

  struct KnownPrice {
    Msat price;
    UnixMillis asked_at;  ///< on the host's clock
    UnixMillis until;     ///< exclusive
  };
  /// By the question, as it was sent.
  [[nodiscard]] std::optional<Msat> find_price(std::string_view question, UnixMillis host_now) const;
  /// As `keep`, and at most 1,000 prices.
  void keep_price(std::string_view question, KnownPrice known, std::uint64_t generation);

 private:
  std::map<GateId, Known> known_;
  std::map<std::string, KnownPrice> prices_;  ///< by the hash of the question, which a client makes as long as it likes
  std::uint64_t generation_ = 0;
};

}  // namespace lntpay
