// The check of required scopes.
#include "core/access/scopes.hpp"

namespace lntpay {

Result<> require_scopes(ScopeSet has, ScopeSet needed) {
  if (has.includes(needed)) return {};
  const auto missing = needed.without(has);
  return std::unexpected(Error{.code = ErrorCode::insufficient_scopes,
                               .message = "This API key lacks " + missing.text() + "; use one that has it.",
                               .details = JsonObject().raw("required", needed.json()).raw("missing", missing.json()).text()});
}

}  // namespace lntpay
