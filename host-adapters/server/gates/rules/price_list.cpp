// The rank of an entry: its path, then its method.
#include "host-adapters/server/gates/rules/price_list.hpp"

#include <limits>
#include <string>
#include <utility>

#include "core/request/header_line.hpp"

namespace lntpay::host {
namespace {

/// Of an entry that covers a request; greater is closer.
std::pair<std::size_t, bool> closeness(const RequestMatch& entry) {
  const bool is_exact = !entry.path.ends_with("/*");
  return {is_exact ? std::numeric_limits<std::size_t>::max() : entry.path.size(), entry.method != "*"};
}

}  // namespace

std::optional<std::size_t> PriceList::best(const RequestMatch& resource) const {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (!entries_[i].covers(resource)) continue;
    if (!found || closeness(entries_[i]) > closeness(entries_[*found])) found = i;
  }
  return found;
}

std::optional<std::size_t> PriceList::find(const RequestMatch& resource, const std::vector<Header>& headers) const {
  auto priced = resource;
  if (const auto announced = preflight_method(resource.method, headers)) priced.method = std::string(*announced);
  const auto found = best(priced);
  if (priced.method != "HEAD" || (found && entries_[*found].method == "HEAD")) return found;
  priced.method = "GET";
  return best(priced);
}

std::optional<std::string_view> preflight_method(std::string_view method, const std::vector<Header>& headers) {
  if (method != "OPTIONS" || !only_line(headers, "origin").value) return std::nullopt;
  return only_line(headers, "access-control-request-method").value;
}

}  // namespace lntpay::host
