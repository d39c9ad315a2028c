// Whether lnd is there, is the one that is meant, and lets LNTPay do what it must and no more: what `lntpay doctor` tells.
#pragma once
#include <string>
#include <vector>

#include "host-adapters/server/outbound/fetching.hpp"
#include "host-adapters/server/outbound/upstream.hpp"

namespace lntpay::host {

enum class Grade : std::uint8_t {
  ok,
  warning,  ///< works, and should be mended
  failed    ///< does not work until it is mended
};
std::string_view grade_name(Grade grade);

struct Finding {
  std::string check;
  Grade grade = Grade::ok;
  std::string says;  ///< what was found and, where it is not ok, what to mend
};

/// Asks the node everything, one thing after the other; nothing is made, paid or changed there. Stops where nothing further can be
/// found out. `network` is `--live-network`. Blocks.
std::vector<Finding> check_node(Fetching& fetching, const Upstreams& upstreams, const std::string& network);

}  // namespace lntpay::host
