// Implements verdicts, with bytes in hex.
#include "tests/fuzz/verdict.hpp"

#include "core/base/encoding.hpp"

namespace lntpay::fuzz {
namespace {

using bolt11::Invoice;

std::string description_of(const Invoice& invoice) {
  const auto* text = std::get_if<std::string>(&invoice.description);
  return text != nullptr ? " d:" + hex(bytes_of(*text))
                         : " h:" + hex(std::get<bolt11::DescriptionHash>(invoice.description).sha256);
}

std::string hop_line(const bolt11::RouteHop& hop) {
  return hex(hop.node.bytes) + ":" + std::to_string(hop.short_channel_id) + ":" + std::to_string(hop.fee_base_msat) + ":" +
         std::to_string(hop.fee_proportional_millionths) + ":" + std::to_string(hop.cltv_expiry_delta);
}

template <class T>
void add(std::string& line, std::string_view name, const std::optional<T>& number) {
  if (number) line.append(name).append(std::to_string(*number));
}

void add(std::string& line, char name, const std::vector<bolt11::RawField>& fields) {
  for (const auto& field : fields) line.append({' ', name, ':', field.type, '='}).append(field.data);
}

}  // namespace

std::string line_of(const Invoice& invoice) {
  std::string line{name(invoice.network)};
  if (invoice.amount) line += " msat:" + std::to_string(invoice.amount->value);
  line += " at:" + std::to_string(invoice.timestamp_s);
  line += " p:" + hex(invoice.payment_hash) + " s:" + hex(invoice.payment_secret) + description_of(invoice);
  add(line, " x:", invoice.expiry_s);
  add(line, " c:", invoice.min_final_cltv);
  for (const auto bit : invoice.features) line += " 9:" + std::to_string(bit);
  for (const auto& hint : invoice.routes) {
    line += " r";
    for (const auto& hop : hint) line += ":" + hop_line(hop);
  }
  for (const auto& fallback : invoice.fallbacks) line += " f:" + std::to_string(fallback.version) + "=" + hex(fallback.program);
  if (invoice.metadata) line += " m:" + hex(*invoice.metadata);
  add(line, '?', invoice.unknown_fields);
  add(line, '!', invoice.ignored_fields);
  line += " order:" + invoice.field_order + (invoice.payee_stated ? " n:" : " by:") + hex(invoice.payee.bytes);
  return line + " sig:" + hex(invoice.signature.compact) + "/" + std::to_string(invoice.signature.recovery_id);
}

std::string line_of(const bolt11::Rejection& rejection) {
  return std::string{name(rejection.reason)} + " at " + std::to_string(rejection.at);
}

std::string line_of(const Reading& reading) { return reading ? line_of(*reading) : line_of(reading.error()); }

std::string verdict(std::string_view text) {
  return line_of(bolt11::decode(text)) + " | " + line_of(bolt11::decode_unverified(text));
}

}  // namespace lntpay::fuzz
