// The JSON of an invoice.
#include "core/lightning/bolt11/invoice_object.hpp"

namespace lntpay::bolt11 {

std::string channel_text(std::uint64_t short_channel_id) {
  return std::to_string(short_channel_id >> 40) + 'x' + std::to_string(short_channel_id >> 16 & 0xffffff) + 'x' +
         std::to_string(short_channel_id & 0xffff);
}

JsonObject invoice_json(const InvoiceView& view) { return invoice_object.json(view); }

}  // namespace lntpay::bolt11
