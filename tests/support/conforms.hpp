// Holds answers against the route table.
#pragma once
#include <string>
#include <string_view>

#include "edge/engine/contract.hpp"

namespace lntpay::test {

/// What is wrong with a good answer to this request by the route's own schema; empty when nothing is, or when it is an error.
std::string deviation(const Request& request, const Response& response);

}  // namespace lntpay::test
