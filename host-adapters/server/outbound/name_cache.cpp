// Finding, and making room.
#include "host-adapters/server/outbound/name_cache.hpp"

#include <utility>

namespace lntpay::host {

const Resolved* NameCache::find(const std::string& name, Clock::time_point now) const {
  const auto found = names_.find(name);
  return found == names_.end() || found->second.expires <= now ? nullptr : &found->second.resolved;
}

void NameCache::put(const std::string& name, Resolved resolved, Clock::time_point expires, Clock::time_point now) {
  if (expires <= now) return;
  if (names_.size() >= names_max_ && !names_.contains(name)) {
    std::erase_if(names_, [now](const auto& each) { return each.second.expires <= now; });
    if (names_.size() >= names_max_) names_.erase(names_.begin());
  }
  names_.insert_or_assign(name, Kept{std::move(resolved), expires});
}

}  // namespace lntpay::host
