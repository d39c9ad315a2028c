// Text from outside, checked before the engine sees it: a string that is not UTF-8 must never reach the component.
#pragma once
#include <string>
#include <string_view>

#include "edge/engine/contract.hpp"

namespace lntpay::host {

/// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

/// The text with every maximal ill-formed part replaced by U+FFFD.
std::string replace_ill_formed(std::string_view text);

/// Whether every string of the request is UTF-8.
bool is_utf8(const Request& request);

/// Makes what an upstream sent fit for the engine.
void make_utf8(Response& response);

}  // namespace lntpay::host
