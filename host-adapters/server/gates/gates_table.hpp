// A loaded file: the services by host. Each request holds the table that it began with, so that a new one drops nothing.
#pragma once
#include <memory>
#include <string_view>
#include <vector>

#include "host-adapters/server/gates/rules/price_history.hpp"
#include "host-adapters/server/gates/served_service.hpp"

namespace lntpay::host {

struct GatesTable {
  TrustedProxies trusted_proxies;
  PriceHistory history;  ///< up to these services
  std::vector<std::unique_ptr<ServedService>> services;

  /// The service whose hosts fit this Host field most closely (host_names.hpp). Null: none.
  [[nodiscard]] ServedService* find(std::string_view host_field) const;
};

}  // namespace lntpay::host
