// UTF-8 in HTTP messages: only UTF-8 may reach the component.
#pragma once
#include "core/base/utf8.hpp"
#include "edge/contract/contract.hpp"

namespace lntpay::host {

using lntpay::is_utf8;

/// Whether every string of the request is UTF-8.
bool is_utf8(const Request& request);

/// Replaces the ill-formed parts of every string of an upstream's response.
void make_utf8(Response& response);

}  // namespace lntpay::host
