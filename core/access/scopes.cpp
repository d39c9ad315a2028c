// The check of required scopes.
#include "core/access/scopes.hpp"

namespace lntpay {
namespace {

/// "charges:write, withdrawals:read"
std::string commas(std::string names) {
  for (auto at = names.find(' '); at != names.npos; at = names.find(' ', at + 2)) names.insert(at, 1, ',');
  return names;
}

}  // namespace

Result<> require_scopes(ScopeSet has, ScopeSet needed) {
  if (has.includes(needed)) return {};
  const auto missing = needed.without(has);
  return std::unexpected(Error{.code = ErrorCode::insufficient_scopes,
                               .message = "This API key lacks " + commas(missing.text()) + "; use one that has it.",
                               .details = JsonObject().raw("required", needed.json()).raw("missing", missing.json()).text()});
}

}  // namespace lntpay
