// A response as bytes of HTTP/1.1.
#pragma once
#include <cstddef>
#include <string>

#include "edge/contract/contract.hpp"

namespace lntpay::host {

struct ResponseForm {
  bool head_only = false;  ///< the response to HEAD: the length of a body that is not sent
  bool close = false;
  std::size_t more_bytes = 0;  ///< of the body, which the caller writes after these
};

/// Framing is the host's: omits a length, connection or transfer coding among the headers, and any header that could break out
/// of its line.
std::string http_bytes(const Response& response, const ResponseForm& form);

}  // namespace lntpay::host
