// An invoice as JSON: what `POST /v1/bolt11/decode` and `lntpay decode` answer.
#pragma once
#include "core/base/json.hpp"
#include "core/lightning/bolt11/invoice.hpp"

namespace lntpay::bolt11 {

/// Every field, under the names of `objects::invoice`, and what other nodes would refuse. The payment secret is among them: who
/// has the invoice has it too.
JsonObject invoice_json(const Invoice& invoice);

/// "700000x17x1": block, transaction, output.
std::string channel_text(std::uint64_t short_channel_id);

}  // namespace lntpay::bolt11
