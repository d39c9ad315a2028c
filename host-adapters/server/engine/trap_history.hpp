// Clients that trapped the engine in the last minutes: their requests are refused for a while, so that one client's broken request
// does not end the instance again and again for everyone.
#pragma once
#include <cstddef>
#include <string>
#include <unordered_map>

#include "edge/contract/contract.hpp"

namespace lntpay::host {

class TrapHistory {
 public:
  /// From the third trap of a key within ten minutes on, its requests are refused for 1 s after the last one, then for 2 s, 4 s, …
  /// up to 5 minutes. From the eleventh trap of the keys of a shard on, the same, up to a minute: several workspaces may share it.
  /// So with the requests without a key of an address (client_address).
  [[nodiscard]] bool refuses(const Input& input, UnixMillis now) const;
  void trapped(const Input& input, UnixMillis now);

 private:
  struct Traps {
    int count = 0;
    UnixMillis last;
  };
  [[nodiscard]] bool is_refused(const std::string& client, int tolerated, Millis refused_for_max, UnixMillis now) const;
  void count(const std::string& client, UnixMillis now);

  std::unordered_map<std::string, Traps>
      traps_;  ///< by the request's Authorization field, or its path; and by "shard Ab" or "address …"
};

}  // namespace lntpay::host
