// Checks responses against the route table.
#pragma once
#include <string>
#include <string_view>

#include "edge/engine/contract.hpp"

namespace lntpay::test {

/// How a successful response deviates from its route's schema; empty if it does not, or if it is an error.
std::string deviation(const Request& request, const Response& response);

}  // namespace lntpay::test
