// Whether a well-formed invoice may be paid now, by this node. `decode` judges form; this judges circumstance, and each
// answer is a public code of its own.
#pragma once
#include <expected>
#include <optional>

#include "core/base/error.hpp"
#include "core/lightning/bolt11/invoice.hpp"

namespace lntpay::bolt11 {

struct PayerRules {
  Network network = Network::bitcoin;
  Millis expiry_ahead_max = days(7);  // an invoice that can be paid for longer than this keeps funds locked too long
  std::optional<PublicKey> own_node;  // not known yet: self-payment is left to the node to refuse
};

/// Fails with the first that applies of: bolt11_network_mismatch, self_payment, bolt11_expired, bolt11_expiry_too_far.
[[nodiscard]] std::expected<void, ErrorCode> payable(const Invoice& invoice, UnixMillis now, const PayerRules& rules);

}  // namespace lntpay::bolt11
