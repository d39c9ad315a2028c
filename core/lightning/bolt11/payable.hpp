// Whether this node may pay a well-formed invoice now. `decode` checks the form; each failure here is a public code of its own.
#pragma once
#include <expected>
#include <optional>

#include "core/base/error.hpp"
#include "core/lightning/bolt11/invoice.hpp"

namespace lntpay::bolt11 {

struct PayerRules {
  Network network = Network::bitcoin;
  Millis expiry_ahead_max = days(7);  // an invoice that is payable for longer could lock funds too long
  std::optional<PublicKey> own_node;  // nullopt: unknown; the node itself rejects a self-payment
};

/// Fails with the first of these that applies: bolt11_network_mismatch, self_payment, bolt11_expired, bolt11_expiry_too_far.
[[nodiscard]] std::expected<void, ErrorCode> payable(const Invoice& invoice, UnixMillis now, const PayerRules& rules);

}  // namespace lntpay::bolt11
