// The response to a request that no engine can refuse. It looks like the engine's.
#pragma once
#include <string>

#include "edge/contract/contract.hpp"

namespace lntpay::host {

/// A new request id.
std::string request_id_at(const Moment& at);

/// The error object for a refused request.
Response own_refusal(Refusal why, const Moment& at);

}  // namespace lntpay::host
