// Checking requests and repairing responses, string by string.
#include "host-adapters/common/message_utf8.hpp"

#include <algorithm>
#include <string>

namespace lntpay::host {

bool is_utf8(const Request& request) {
  return is_utf8(request.method) && is_utf8(request.target) && is_utf8(request.body) &&
         std::ranges::all_of(request.headers, [](const Header& h) { return is_utf8(h.name) && is_utf8(h.value); });
}

void make_utf8(Response& response) {
  const auto repair = [](std::string& text) {
    if (!is_utf8(text)) text = replace_ill_formed(text);
  };
  repair(response.body);
  for (Header& header : response.headers) {
    repair(header.name);
    repair(header.value);
  }
}

}  // namespace lntpay::host
