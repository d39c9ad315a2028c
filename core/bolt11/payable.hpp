// Whether a well-formed invoice may be paid now, by this node. `decode` judges form; this judges circumstance, and each
// answer is a public code of its own.
#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "core/bolt11/invoice.hpp"

namespace lntpay::bolt11 {

struct PayerRules {
  Network network = Network::bitcoin;
  Millis expiry_ahead_max = days(7);  // an invoice that can be paid for longer than this keeps funds locked too long
  std::optional<PublicKey> own_node;  // not known yet: self-payment is left to the node to refuse
};

/// In the order of judgement: the first that applies is the answer.
enum class NotPayable : std::uint8_t { network_mismatch, self_payment, expired, expiry_too_far };

/// The public code: "bolt11_network_mismatch", "self_payment", "bolt11_expired", "bolt11_expiry_too_far".
std::string_view code(NotPayable reason);
std::string_view sentence(NotPayable reason);

[[nodiscard]] std::expected<void, NotPayable> payable(const Invoice& invoice, UnixMillis now, const PayerRules& rules);

}  // namespace lntpay::bolt11
