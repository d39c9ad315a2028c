// Which price of a service applies to a request: by the gates' own rules of methods and paths (core/gate/terms.hpp).
#pragma once
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "core/gate/terms.hpp"
#include "edge/contract/contract.hpp"

namespace lntpay::host {

class PriceList {
 public:
  PriceList() = default;
  explicit PriceList(std::vector<RequestMatch> entries) : entries_(std::move(entries)) {}

  /// The entry for this request: of those that cover it, the one with its exact path, else the longest; of these, the one with its
  /// method. Their order in the list does not matter. A HEAD is priced as the GET, unless an entry names HEAD; a preflight (Fetch
  /// standard, section 4.8) as the request that it announces.
  [[nodiscard]] std::optional<std::size_t> find(const RequestMatch& resource, const std::vector<Header>& headers) const;

 private:
  [[nodiscard]] std::optional<std::size_t> best(const RequestMatch& resource) const;

  std::vector<RequestMatch> entries_;
};

/// The method that a preflight announces; nullopt if the request is none.
std::optional<std::string_view> preflight_method(std::string_view method, const std::vector<Header>& headers);

}  // namespace lntpay::host
