// The JSON of an error response.
#pragma once
#include <string>
#include <string_view>

#include "core/base/error.hpp"

namespace lntpay {

/// The code that a client sees: internal codes become internal_error.
ErrorCode public_code(ErrorCode code);

/// {"error":{"code","message","request_id","param"?,"details"?}}. The messages of internal_error and storage_unavailable are for
/// the log only: a client gets the table's sentence. For a wallet with "status" and "reason" too (LUD-06).
std::string error_json(const Error& error, std::string_view request_id, bool for_wallet = false);

}  // namespace lntpay
