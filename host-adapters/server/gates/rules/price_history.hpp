// Which gates had the price of a request, and when: what was sold stays valid after the price list has changed.
//
// A gate may decide about a request that another gate prices today, but only for what it sold while it had the price of that
// request itself. Its terms alone do not show this: a pass for /* covers /reports/*, too, which may always have had a price of its
// own.
#pragma once
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "edge/gate/sold_while.hpp"
#include "host-adapters/server/gates/rules/price_list.hpp"

namespace lntpay::host {

struct PricedEntry {
  RequestMatch match;
  std::string gate;  ///< its id; empty: no price
  bool operator==(const PricedEntry&) const = default;
};
struct PricedService {
  std::vector<std::string> hosts;  ///< as host_closeness takes them
  std::vector<PricedEntry> entries;
  bool operator==(const PricedService&) const = default;
};

/// A gate that had the price of a request, but has it no more.
struct FormerGate {
  std::string gate;
  SoldWhile sold;  ///< most recently without interruption
};

/// States of a file, each in force until the next. At most 64, and none that ended more than 400 days ago, when everything that was
/// sold in it has expired.
class PriceHistory {
 public:
  /// Nullopt: the text is none of `text`.
  static std::optional<PriceHistory> parse(const std::string& text);
  [[nodiscard]] std::string text() const;

  /// From now on these services are in force. False: they were already.
  bool add(const std::vector<PricedService>& services, UnixMillis now);
  /// The gates that had the price of this request before the present state, newest first, without `present`.
  [[nodiscard]] std::vector<FormerGate> former_gates(std::string_view host_field, const RequestMatch& resource,
                                                     const std::vector<Header>& headers, std::string_view present) const;
  /// All gates of former states.
  [[nodiscard]] std::set<std::string> gates() const;
  [[nodiscard]] bool has_former() const { return states_.size() > 1; }

 private:
  struct State {
    UnixMillis since;
    std::vector<PricedService> services;
    std::vector<PriceList> lists;  ///< of each service

    [[nodiscard]] std::string gate_of(std::string_view host, const RequestMatch& resource,
                                      const std::vector<Header>& headers) const;
  };

  void push(UnixMillis since, std::vector<PricedService> services);

  std::vector<State> states_;  ///< oldest first; the last is in force
};

/// Whether the request presents a credential or cookie that names this gate, good or not.
bool presents_credential_of(const std::vector<Header>& headers, std::string_view gate);

}  // namespace lntpay::host
