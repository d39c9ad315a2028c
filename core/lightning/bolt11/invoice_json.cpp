// Writes the JSON object of an invoice.
#include "core/lightning/bolt11/invoice_json.hpp"

#include "core/base/encoding.hpp"
#include "core/base/time.hpp"
#include "core/lightning/bolt11/features.hpp"
#include "core/lightning/bolt11/warnings.hpp"

namespace lntpay::bolt11 {
namespace {

template <class Elements, class Describe>
std::string array_of(const Elements& elements, Describe describe) {
  JsonArray array;
  for (const auto& element : elements) array.raw(describe(element).text());
  return array.text();
}

JsonObject feature_json(std::uint16_t bit) {
  JsonObject object;
  const auto name = feature_name(bit);
  return object.add("bit", bit).add("name", name.empty() ? std::nullopt : std::optional{name}).add("required", bit % 2 == 0);
}

JsonObject hop_json(const RouteHop& hop) {
  JsonObject object;
  return object.add("node", hex(hop.node.bytes))
      .add("short_channel_id", channel_text(hop.short_channel_id))
      .add("fee_base_msat", hop.fee_base_msat)
      .add("fee_proportional_millionths", hop.fee_proportional_millionths)
      .add("cltv_expiry_delta", hop.cltv_expiry_delta);
}

JsonObject fallback_json(const Fallback& fallback) {
  JsonObject object;
  return object.add("version", fallback.version).add("program", hex(fallback.program));
}

JsonObject raw_json(const RawField& field) {
  JsonObject object;
  return object.add("type", std::string_view{&field.type, 1}).add("data", field.data);
}

JsonObject warning_json(Warning warning) {
  JsonObject object;
  return object.add("code", name(warning)).add("message", sentence(warning));
}

}  // namespace

std::string channel_text(std::uint64_t short_channel_id) {
  return std::to_string(short_channel_id >> 40) + 'x' + std::to_string(short_channel_id >> 16 & 0xffffff) + 'x' +
         std::to_string(short_channel_id & 0xffff);
}

JsonObject invoice_json(const Invoice& invoice) {
  const auto* const text = std::get_if<std::string>(&invoice.description);
  const auto* const hash = std::get_if<DescriptionHash>(&invoice.description);
  const auto amount = invoice.amount.transform([](Msat msat) { return msat.value; });
  JsonArray routes;
  for (const auto& hint : invoice.routes) routes.raw(array_of(hint, hop_json));
  JsonObject object;
  object.add("object", "bolt11")
      .add("network", name(invoice.network))
      .add("amount_sats", amount && *amount % 1'000 == 0 ? std::optional{*amount / 1'000} : std::nullopt)
      .add("amount_msat", amount)
      .add("payee", hex(invoice.payee.bytes))
      .add("payee_stated", invoice.payee_stated)
      .add("payment_hash", hex(invoice.payment_hash))
      .add("payment_secret", hex(invoice.payment_secret))
      .add("description", text != nullptr ? std::optional{std::string_view{*text}} : std::nullopt)
      .add("description_hash", hash != nullptr ? std::optional{hex(hash->sha256)} : std::nullopt)
      .add("timestamp", invoice.timestamp_s)
      .add("created_at", rfc3339(invoice.created_at()))
      .add("expiry", invoice.expiry_s.value_or(expiry_default_s))
      .add("expires_at", rfc3339(invoice.expires_at()))
      .add("min_final_cltv", invoice.final_cltv_blocks())
      .raw("features", array_of(invoice.features, feature_json))
      .raw("routes", routes.text())
      .raw("fallbacks", array_of(invoice.fallbacks, fallback_json))
      .add("metadata", invoice.metadata.transform([](const Bytes& bytes) { return hex(bytes); }))
      .raw("unknown_fields", array_of(invoice.unknown_fields, raw_json))
      .raw("ignored_fields", array_of(invoice.ignored_fields, raw_json))
      .add("field_order", invoice.field_order)
      .add("signature", hex(invoice.signature.compact))
      .add("recovery_id", invoice.signature.recovery_id)
      .add("high_s", has_high_s(invoice.signature.compact))
      .raw("warnings", array_of(warnings(invoice), warning_json));
  return object;
}

}  // namespace lntpay::bolt11
