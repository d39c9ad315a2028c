// An error as the API answers it.
#pragma once
#include <string>
#include <string_view>

#include "core/base/error.hpp"

namespace lntpay {

/// As it leaves: a code that is only for us is internal_error outside.
ErrorCode public_code(ErrorCode code);

/// {"error":{"code","message","request_id","param"?,"details"?}}. What went wrong inside (internal_error, storage_unavailable) is
/// for the log: a client gets the table's sentence.
std::string error_json(const Error& error, std::string_view request_id);

}  // namespace lntpay
