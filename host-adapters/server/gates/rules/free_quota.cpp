// Counters by network, emptied when the day changes.
#include "host-adapters/server/gates/rules/free_quota.hpp"

#include <algorithm>

namespace lntpay::host {
namespace {

constexpr std::uint64_t day_ms = 86'400'000;
constexpr unsigned client_bits_v6 = 64;
constexpr unsigned site_bits_v6 = 48;
constexpr unsigned provider_bits_v6 = 32;
constexpr std::uint64_t quotas_per_site = 10;
constexpr std::uint64_t counted_per_site_max = 256;
constexpr std::size_t provider_share = 4;  // of the table: a quarter

bool is_v4(const IpAddress& address) { return Network{*parse_ip("0.0.0.0"), 96}.contains(address); }

}  // namespace

FreeQuota::Key FreeQuota::key_of(const IpAddress& client, unsigned bits) {
  Key key{};
  std::ranges::copy_n(client.bytes.begin(), bits / 8, key.begin());
  key.back() = static_cast<std::uint8_t>(bits);
  return key;
}

FreeQuota::Count* FreeQuota::find(const Key& key) {
  const auto found = counts_.find(key);
  return found == counts_.end() ? nullptr : &found->second;
}

FreeQuota::Count* FreeQuota::add(const Key& key, Count* provider) {
  if (counts_.size() >= counts_max_ || (provider != nullptr && provider->below >= counts_max_ / provider_share)) {
    full_ = true;
    return nullptr;
  }
  if (provider != nullptr) ++provider->below;
  return &counts_[key];
}

std::optional<std::uint64_t> FreeQuota::take_v4(const IpAddress& client, std::uint64_t per_day) {
  const auto key = key_of(client, Network::bits_max);
  auto* count = find(key);
  if (count == nullptr) count = add(key);
  if (count == nullptr || count->taken >= per_day) return std::nullopt;
  return per_day - ++count->taken;
}

std::optional<std::uint64_t> FreeQuota::take_v6(const IpAddress& client, std::uint64_t per_day) {
  const auto provider_key = key_of(client, provider_bits_v6);
  auto* provider = find(provider_key);
  if (provider == nullptr) provider = add(provider_key);
  if (provider == nullptr) return std::nullopt;
  const auto site_key = key_of(client, site_bits_v6);
  auto* site = find(site_key);
  if (site == nullptr) site = add(site_key, provider);
  // Before the client is added: a site without free requests fills no table.
  if (site == nullptr || site->taken >= per_day * quotas_per_site) return std::nullopt;
  const auto client_key = key_of(client, client_bits_v6);
  auto* own = find(client_key);
  if (own == nullptr && site->below < counted_per_site_max) {
    own = add(client_key, provider);
    if (own == nullptr) return std::nullopt;
    ++site->below;
  }
  if (own != nullptr && own->taken >= per_day) return std::nullopt;
  ++site->taken;
  return own != nullptr ? per_day - ++own->taken : per_day * quotas_per_site - site->taken;
}

std::optional<std::uint64_t> FreeQuota::take(const IpAddress& client, std::uint64_t per_day, UnixMillis now) {
  if (const auto today = now.value / day_ms; today > day_) {  // a clock that is set back grants nothing
    day_ = today;
    counts_.clear();
    full_ = false;
  }
  return is_v4(client) ? take_v4(client, per_day) : take_v6(client, per_day);
}

}  // namespace lntpay::host
