// Checks responses against the route table.
#pragma once
#include <string>
#include <string_view>

#include "edge/contract/contract.hpp"

namespace lntpay::test {

/// How a successful response deviates from its route's schema, or an error from the schema of errors; empty if it does not.
std::string deviation(const Request& request, const Response& response);

}  // namespace lntpay::test
