// What happens to a request at a service, before any gate or upstream is asked: decided from the file, the client and its free
// requests.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/base/units.hpp"
#include "host-adapters/server/gates/file/gates_file.hpp"
#include "host-adapters/server/gates/rules/client_rules.hpp"
#include "host-adapters/server/gates/rules/free_quota.hpp"
#include "host-adapters/server/gates/rules/price_list.hpp"

namespace lntpay::host {

struct ServiceDecision {
  enum class Kind : std::uint8_t {
    ambiguous,    ///< the path has several spellings: 400
    not_offered,  ///< no entry of the price list covers it: 404
    unpriced,     ///< its entry has no price
    allowed,      ///< of a client on the allowlist
    within_free,  ///< one of the client's free requests, of which `free_left` are left today
    priced,       ///< the gate of the entry `price` decides
  };
  Kind kind = Kind::not_offered;
  std::size_t price = 0;
  std::uint64_t free_left = 0;
};

/// Takes a free request only where the decision is `within_free`. A preflight and a request with a credential take none.
ServiceDecision decide_at_service(const Service& service, const PriceList& prices, const Request& request,
                                  const std::optional<IpAddress>& client, FreeQuota& quota, UnixMillis now);

}  // namespace lntpay::host
