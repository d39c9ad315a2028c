// Whether an invoice can be encoded: written as a text that `decode` reads back as the same invoice.
#pragma once
#include <expected>

#include "core/lightning/bolt11/encode.hpp"

namespace lntpay::bolt11 {

/// Checks all fields except `field_order` and the total size, which `encode` checks while it writes.
[[nodiscard]] std::expected<void, EncodeError> check_encodable(const Invoice& invoice);

}  // namespace lntpay::bolt11
