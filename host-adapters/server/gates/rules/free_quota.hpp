// The free requests of each client of a service: the first N of each day (UTC).
//
// Exact, because all requests of a process are counted on one thread, and bounded: 250,000 counts take about 25 MB. A client is an
// IPv4 address or an IPv6 /64. The clients of one IPv6 /48 share ten times the quota of one; 256 of them are counted apart, and
// further ones by the /48 alone. All of a /32 fill a quarter of the table. When the table or that quarter is full, further clients
// of that day have no free request: they can still pay, and nobody gets more than was granted.
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

  explicit FreeQuota(std::size_t counts = clients_default_max) : counts_max_(counts) {}

  /// Takes one of `per_day` free requests of this client. Yields how many remain; nullopt: none was left.
  std::optional<std::uint64_t> take(const IpAddress& client, std::uint64_t per_day, UnixMillis now);
  /// A client was refused because the table is full, today.
  [[nodiscard]] bool is_full() const { return full_; }
  /// Counts of today: of clients and of IPv6 networks.
  [[nodiscard]] std::size_t counted() const { return counts_.size(); }

 private:
  using Key = std::array<std::uint8_t, 17>;  ///< the network's first address, then its bits

  struct Count {
    std::uint64_t taken = 0;
    std::uint64_t below = 0;  ///< of a /32: counts of its networks; of a /48: its clients that are counted apart
  };

  static Key key_of(const IpAddress& client, unsigned bits);
  Count* find(const Key& key);
  /// Null: there is no room, in the table or for this /32.
  Count* add(const Key& key, Count* provider = nullptr);
  std::optional<std::uint64_t> take_v4(const IpAddress& client, std::uint64_t per_day);
  std::optional<std::uint64_t> take_v6(const IpAddress& client, std::uint64_t per_day);

  std::size_t counts_max_;
  std::uint64_t day_ = 0;
  std::map<Key, Count> counts_;  ///< ordered: no addresses can be chosen that make it slow
  bool full_ = false;
};

}  // namespace lntpay::host
