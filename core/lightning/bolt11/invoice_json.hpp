// An invoice as JSON, for `POST /v1/bolt11/decode` and `lntpay decode`.
#pragma once
#include "core/base/json.hpp"
#include "core/lightning/bolt11/invoice.hpp"

namespace lntpay::bolt11 {

/// Every field, under the names of `objects::invoice`, and the warnings. The payment secret is included: it is in the invoice text.
JsonObject invoice_json(const Invoice& invoice);

/// "700000x17x1": block, transaction, output.
std::string channel_text(std::uint64_t short_channel_id);

}  // namespace lntpay::bolt11
