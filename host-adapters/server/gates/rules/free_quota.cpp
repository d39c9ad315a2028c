// Counters by network, emptied when the day changes.
#include "host-adapters/server/gates/rules/free_quota.hpp"

#include <algorithm>

namespace lntpay::host {
namespace {

constexpr std::uint64_t day_ms = 86'400'000;
constexpr unsigned client_bits_v6 = 64;
constexpr unsigned site_bits_v6 = 48;
constexpr std::uint64_t clients_per_site = 10;

bool is_v4(const IpAddress& address) { return Network{*parse_ip("0.0.0.0"), 96}.contains(address); }

}  // namespace

FreeQuota::Key FreeQuota::key_of(const IpAddress& client, unsigned bits) {
  Key key{};
  std::ranges::copy_n(client.bytes.begin(), bits / 8, key.begin());
  key.back() = static_cast<std::uint8_t>(bits);
  return key;
}

std::uint64_t* FreeQuota::count_of(const Key& key) {
  if (const auto found = taken_.find(key); found != taken_.end()) return &found->second;
  if (taken_.size() >= clients_max_) {
    full_ = true;
    return nullptr;
  }
  return &taken_[key];
}

std::optional<std::uint64_t> FreeQuota::take(const IpAddress& client, std::uint64_t per_day, UnixMillis now) {
  if (const auto today = now.value / day_ms; today > day_) {  // a clock that is set back grants nothing
    day_ = today;
    taken_.clear();
    full_ = false;
  }
  const bool v4 = is_v4(client);
  auto* taken = count_of(key_of(client, v4 ? Network::bits_max : client_bits_v6));
  auto* by_site = v4 || taken == nullptr ? taken : count_of(key_of(client, site_bits_v6));
  if (taken == nullptr || by_site == nullptr || *taken >= per_day) return std::nullopt;
  if (!v4 && *by_site >= per_day * clients_per_site) return std::nullopt;
  ++*taken;
  if (!v4) ++*by_site;
  return per_day - *taken;
}

}  // namespace lntpay::host
