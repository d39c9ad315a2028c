// Whether a service responds: by a GET of its own, at an interval.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>

#include "host-adapters/server/gates/file/gates_file.hpp"

namespace lntpay::host {

class Resolver;

/// Healthy at first; changes after a number of equal results in a row.
class UpstreamHealth {
 public:
  [[nodiscard]] bool healthy() const { return healthy_; }
  /// Takes the result of one check. Yields whether `healthy` has changed.
  bool observe(bool passed, const HealthCheck& check);

 private:
  bool healthy_ = true;
  std::uint64_t contrary_ = 0;  ///< results in a row that contradict `healthy_`
};

/// One check: whether the service answers GET with 2xx or 3xx. Name, connection, request and response have `timeout` each.
boost::asio::awaitable<bool> passes_check(boost::asio::io_context& io, UpstreamAddress upstream, HealthCheck check,
                                          Resolver& names);

}  // namespace lntpay::host
