// The operator: whoever runs the host. Their token opens admin routes and the tick, and nothing of a workspace's money.
#pragma once
#include <string_view>

#include "core/base/settings.hpp"

namespace lntpay {

/// HMAC-SHA-256 of the token under the first pepper: what `operator_hmac` of the settings holds.
Bytes32 operator_hmac(const Settings& settings, std::string_view token);

/// In constant time. Nobody is the operator where none is configured (all zero).
bool is_operator(const Settings& settings, std::string_view token);

}  // namespace lntpay
