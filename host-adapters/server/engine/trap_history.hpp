// Who trapped the engine lately: their requests are refused for a while, so that one client's broken request does not end the
// instance again and again for everyone.
#pragma once
#include <cstddef>
#include <string>
#include <unordered_map>

#include "edge/contract/contract.hpp"

namespace lntpay::host {

class TrapHistory {
 public:
  /// From the third trap within ten minutes on, requests wait 1 s after the last one, then 2 s, 4 s, … up to 5 minutes.
  [[nodiscard]] bool refuses(const Input& input, UnixMillis now) const;
  void trapped(const Input& input, UnixMillis now);

 private:
  struct Traps {
    int count = 0;
    UnixMillis last;
  };
  std::unordered_map<std::string, Traps> traps_;  ///< by client: the request's Authorization field, or its path
};

}  // namespace lntpay::host
