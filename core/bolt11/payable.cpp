// The judgement of circumstance.
#include "core/bolt11/payable.hpp"

namespace lntpay::bolt11 {

std::string_view code(NotPayable reason) {
  switch (reason) {
    case NotPayable::network_mismatch: return "bolt11_network_mismatch";
    case NotPayable::self_payment: return "self_payment";
    case NotPayable::expired: return "bolt11_expired";
    case NotPayable::expiry_too_far: return "bolt11_expiry_too_far";
  }
  __builtin_unreachable();
}

std::string_view sentence(NotPayable reason) {
  switch (reason) {
    case NotPayable::network_mismatch: return "The invoice is for another network.";
    case NotPayable::self_payment: return "The invoice is of the paying node itself.";
    case NotPayable::expired: return "The invoice has expired.";
    case NotPayable::expiry_too_far: return "The invoice expires too far in the future.";
  }
  __builtin_unreachable();
}

std::expected<void, NotPayable> payable(const Invoice& invoice, UnixMillis now, const PayerRules& rules) {
  if (invoice.network != rules.network) return std::unexpected{NotPayable::network_mismatch};
  if (rules.own_node && invoice.payee == *rules.own_node) return std::unexpected{NotPayable::self_payment};
  if (invoice.expires_at() <= now) return std::unexpected{NotPayable::expired};
  if (invoice.expires_at() > now + rules.expiry_ahead_max) return std::unexpected{NotPayable::expiry_too_far};
  return {};
}

}  // namespace lntpay::bolt11
