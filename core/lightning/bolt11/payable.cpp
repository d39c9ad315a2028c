// Checks network, payee and expiry.
#include "core/lightning/bolt11/payable.hpp"

namespace lntpay::bolt11 {

std::expected<void, ErrorCode> payable(const Invoice& invoice, UnixMillis now, const PayerRules& rules) {
  if (invoice.network != rules.network) return std::unexpected{ErrorCode::bolt11_network_mismatch};
  if (rules.own_node && invoice.payee == *rules.own_node) return std::unexpected{ErrorCode::self_payment};
  if (invoice.expires_at() <= now) return std::unexpected{ErrorCode::bolt11_expired};
  if (invoice.expires_at() > now + rules.expiry_ahead_max) return std::unexpected{ErrorCode::bolt11_expiry_too_far};
  return {};
}

}  // namespace lntpay::bolt11
