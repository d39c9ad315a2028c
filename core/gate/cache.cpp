// Freshness and size of the cache.
#include "core/gate/cache.hpp"

#include "core/crypto/sha256.hpp"

namespace lntpay {
namespace {

std::string name_of_question(std::string_view question) { return std::string(text_of(sha256(bytes_of(question)))); }

}  // namespace

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

std::optional<Msat> GateCache::find_price(std::string_view question, UnixMillis host_now) const {
  const auto found = prices_.find(name_of_question(question));
  if (found == prices_.end()) return std::nullopt;
  const auto& known = found->second;
  const bool holds = known.asked_at <= host_now && host_now < known.until;
  return holds ? std::optional(known.price) : std::nullopt;
}

void GateCache::keep_price(std::string_view question, KnownPrice known, std::uint64_t generation) {
  constexpr std::size_t prices_max = 1'000;
  if (generation != generation_) return;
  if (prices_.size() >= prices_max) prices_.clear();
  prices_.insert_or_assign(name_of_question(question), known);
}

void GateCache::clear() {
  known_.clear();
  prices_.clear();
  ++generation_;
}

}  // namespace lntpay
