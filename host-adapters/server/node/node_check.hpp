// The checks of `lntpay doctor`: lnd is reachable, is the intended node, and permits the calls that LNTPay needs and no others.
#pragma once
#include <string>
#include <vector>

#include "host-adapters/server/outbound/fetching.hpp"
#include "host-adapters/server/outbound/upstream.hpp"

namespace lntpay::host {

enum class Grade : std::uint8_t {
  ok,
  warning,  ///< works, but should be corrected
  failed    ///< does not work until it is corrected
};
std::string_view grade_name(Grade grade);

struct Finding {
  std::string check;
  Grade grade = Grade::ok;
  std::string detail;  ///< what was found and, unless ok, what to do
};

/// Performs the checks one after the other, without any effect on the node. Stops where later checks would depend on a failed one.
/// `network` is `--live-network`. Blocks.
std::vector<Finding> check_node(Fetching& fetching, const Upstreams& upstreams, const std::string& network);

}  // namespace lntpay::host
