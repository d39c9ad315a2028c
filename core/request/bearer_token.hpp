// The token of an Authorization header of scheme Bearer (RFC 6750): an API key, an operator's token, a node proxy's.
#pragma once
#include <string_view>

namespace lntpay {

/// The token, a view of `authorization`; empty for another scheme and for a text with a space or comma, which no token has.
/// The scheme's case does not matter.
std::string_view bearer_token(std::string_view authorization);

}  // namespace lntpay
