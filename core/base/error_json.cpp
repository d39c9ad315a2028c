// The error object.
#include "core/base/error_json.hpp"

#include "core/base/error_object.hpp"

namespace lntpay {
namespace {

/// Their causes are logged and not shown to clients.
bool is_internal(ErrorCode code) {
  return code == ErrorCode::internal_error || code == ErrorCode::storage_unavailable || code == ErrorCode::conflict ||
         code == ErrorCode::lease_elsewhere;
}

}  // namespace

ErrorCode public_code(ErrorCode code) {
  return code == ErrorCode::conflict || code == ErrorCode::lease_elsewhere ? ErrorCode::internal_error : code;
}

std::string error_json(const Error& error, std::string_view request_id, bool for_wallet) {
  const auto& shown = info(public_code(error.code));
  return error_body_object.text({
      .code = shown.name,
      .message = error.message.empty() || is_internal(error.code) ? shown.sentence : std::string_view(error.message),
      .request_id = request_id,
      .param = error.param,
      .details = error.details,
      .for_wallet = for_wallet,
  });
}

}  // namespace lntpay
