// Authentication of the operator.
#include "core/tenant/operator.hpp"

#include "core/crypto/sha256.hpp"

namespace lntpay {

Bytes32 operator_hmac(const Settings& settings, std::string_view token) {
  return hmac_sha256(settings.peppers.empty() ? ByteView{} : settings.peppers.front().key.reveal(), bytes_of(token));
}

bool is_operator(const Settings& settings, std::string_view token) {
  const bool matches = constant_time_equal(operator_hmac(settings, token), settings.operator_hmac);
  return matches && !settings.peppers.empty() && !token.empty() && settings.operator_hmac != Bytes32{};
}

TenantScope operator_tenant() {
  return {Environment::test, *WorkspaceId::parse(std::string(WorkspaceIdTag::prefix) + std::string(id_tail_size, '0'))};
}

}  // namespace lntpay
