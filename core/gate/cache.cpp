// Freshness and size of the cache.
#include "core/gate/cache.hpp"

namespace lntpay {

const GateCache::Known* GateCache::find(const GateId& id, UnixMillis host_now) const {
  const auto found = known_.find(id);
  if (found == known_.end()) return nullptr;
  const auto& known = found->second;
  // After the clock went back its age is unknown.
  const bool fresh = known.read_at <= host_now && host_now < known.read_at + gate_fresh_for;
  return fresh ? &known : nullptr;
}

void GateCache::keep(const GateId& id, Known known, std::uint64_t generation) {
  constexpr std::size_t known_max = 256;
  if (generation != generation_) return;
  if (known_.size() >= known_max) known_.clear();
  known_.insert_or_assign(id, std::move(known));
}

void GateCache::clear() {
  known_.clear();
  ++generation_;
}

}  // namespace lntpay
