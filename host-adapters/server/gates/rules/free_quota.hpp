// The free requests of each client of a service: the first N of each day (UTC).
//
// Exact, because all requests of a process are counted on one thread, and bounded: 250,000 clients take about 20 MB. A client is an
// IPv4 address or an IPv6 /64. The clients of one IPv6 /48 share ten times the quota of one. When the table is full, further
// clients of that day have no free request: they can still pay, and nobody gets more than was granted.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "core/base/ip_address.hpp"
#include "core/base/units.hpp"

namespace lntpay::host {

class FreeQuota {
 public:
  static constexpr std::size_t clients_default_max = 250'000;

  explicit FreeQuota(std::size_t clients = clients_default_max) : clients_max_(clients) {}

  /// Takes one of `per_day` free requests of this client. Yields how many remain; nullopt: none was left.
  std::optional<std::uint64_t> take(const IpAddress& client, std::uint64_t per_day, UnixMillis now);
  /// A client was refused because the table is full, today.
  [[nodiscard]] bool is_full() const { return full_; }

 private:
  using Key = std::array<std::uint8_t, 17>;  ///< the network's first address, then its bits

  static Key key_of(const IpAddress& client, unsigned bits);
  std::uint64_t* count_of(const Key& key);

  std::size_t clients_max_;
  std::uint64_t day_ = 0;
  std::map<Key, std::uint64_t> taken_;  ///< ordered: no addresses can be chosen that make it slow
  bool full_ = false;
};

}  // namespace lntpay::host
