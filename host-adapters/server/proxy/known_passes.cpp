// A credential is a secret: keys are compared in constant time.
#include "host-adapters/server/proxy/known_passes.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "core/base/bytes.hpp"
#include "core/base/secret.hpp"

namespace lntpay::host {
namespace {

constexpr std::size_t known_max = 4'096;
constexpr std::size_t key_bytes_max = 4'096;
constexpr std::size_t known_names_max = 16;

}  // namespace

/// None without a credential: then the gate decides.
std::optional<std::string> KnownPasses::key_of(const Request& request) const {
  auto key = request.method + " " + request.target + "\n";
  const auto bare = key.size();
  for (const auto& [name, value] : request.headers) {
    if (std::ranges::contains(names_, name)) key.append(name).append(": ").append(value).append("\n");
  }
  if (key.size() == bare || key.size() > key_bytes_max) return std::nullopt;
  return key;
}

std::shared_ptr<const Passage> KnownPasses::find(const Request& request, Clock::time_point now) const {
  if (known_.empty()) return nullptr;
  const auto key = key_of(request);
  if (!key) return nullptr;
  const auto found = known_.find(std::hash<std::string>{}(*key));
  if (found == known_.end() || now >= found->second.until) return nullptr;
  return constant_time_equal(bytes_of(found->second.key), bytes_of(*key)) ? found->second.passage : nullptr;
}

void KnownPasses::keep(const Request& request, std::shared_ptr<const Passage> passage, Clock::time_point asked_at) {
  const std::chrono::milliseconds span(passage->good_for_ms);
  if (span.count() == 0 || !learn(passage->remove)) return;
  auto key = key_of(request);
  if (!key) return;
  if (known_.size() >= known_max) known_.clear();
  const auto hash = std::hash<std::string>{}(*key);
  known_.insert_or_assign(hash, Known{std::move(*key), std::move(passage), asked_at + span});
}

/// Adds these names to those of every key, which ends the keys without them. False: they are too many.
bool KnownPasses::learn(const std::vector<std::string>& names) {
  for (const auto& name : names) {
    if (std::ranges::contains(names_, name)) continue;
    if (names_.size() >= known_names_max) return false;
    names_.push_back(name);
    known_.clear();
  }
  return true;
}

}  // namespace lntpay::host
