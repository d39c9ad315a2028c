// RFC 9110, section 11.4: the scheme, in any case, then the credentials.
#include "core/request/bearer_token.hpp"

#include <algorithm>

#include "core/base/ascii.hpp"
#include "core/storage/row.hpp"

namespace lntpay {

std::string_view bearer_token(std::string_view authorization) {
  auto token = authorization;
  if (!equal_ignoring_case(row::cut(token, ' '), "Bearer")) return {};
  token = trimmed(token);
  // RFC 6750, section 2.1: b64token.
  const bool whole = std::ranges::all_of(token, [](char c) { return c > ' ' && c < '\x7f' && c != ','; });
  return whole ? token : std::string_view{};
}

}  // namespace lntpay
