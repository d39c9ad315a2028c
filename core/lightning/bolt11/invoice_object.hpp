// The object `bolt11` of the API: its fields and how they are read. `POST /v1/bolt11/decode` and `lntpay decode` return it.
#pragma once
#include <expected>

#include "core/base/error.hpp"
#include "core/base/object.hpp"
#include "core/lightning/bolt11/features.hpp"
#include "core/lightning/bolt11/invoice.hpp"
#include "core/lightning/bolt11/warnings.hpp"

namespace lntpay::bolt11 {

/// "700000x17x1": block, transaction, output.
std::string channel_text(std::uint64_t short_channel_id);

inline constexpr auto feature_object = object_of<std::uint16_t>(
    member({.name = "bit", .description = "Its bit.", .min = 0}, [](auto bit) { return bit; }),
    member("name", "Its name in BOLT 9; null if it is unknown.", [](auto bit) { return null_if_empty(feature_name(bit)); }),
    member("required", "Whether a payer must know it.", [](auto bit) { return bit % 2 == 0; }));

inline constexpr auto hop_object = object_of<RouteHop>(
    member("node", "The public key of the node.", [](const auto& v) { return hex(v.node.bytes); }),
    member("short_channel_id", "The channel, as \"700000x17x1\".", [](const auto& v) { return channel_text(v.short_channel_id); }),
    member({.name = "fee_base_msat", .description = "The fixed part of the fee.", .min = 0},
           [](const auto& v) { return Msat{v.fee_base_msat}; }),
    member("fee_proportional_millionths", "The part of the fee by amount.",
           [](const auto& v) { return v.fee_proportional_millionths; }),
    member("cltv_expiry_delta", "Blocks.", [](const auto& v) { return v.cltv_expiry_delta; }));

inline constexpr auto fallback_object = object_of<Fallback>(
    member("version", "0 to 16: of a witness program; 17: P2PKH; 18: P2SH.", [](const auto& v) { return v.version; }),
    member({.name = "program", .description = "In hex.", .min = 0}, [](const auto& v) { return hex(v.program); }));

inline constexpr auto raw_field_object =
    object_of<RawField>(member("type", "As a bech32 character.", [](const auto& v) { return std::string_view(&v.type, 1); }),
                        member({.name = "data", .description = "In bech32 characters.", .min = 0},
                               [](const auto& v) { return std::string_view(v.data); }));

inline constexpr auto warning_object =
    object_of<Warning>(member("code", "The kind of warning.", [](auto warning) { return name(warning); }),
                       member("message", "What other nodes reject.", [](auto warning) { return sentence(warning); }));

using Payable = std::expected<void, ErrorCode>;

inline constexpr auto payable_object =
    object_of<Payable>(member("ok", "Whether this environment would pay it now.", [](const auto& v) { return v.has_value(); }),
                       member("code", "Why not: the code of the error; null if it would.",
                              [](const auto& v) { return v ? std::nullopt : std::optional(info(v.error()).name); }),
                       member("message", "The same as a sentence.",
                              [](const auto& v) { return v ? std::nullopt : std::optional(info(v.error()).sentence); }));

struct InvoiceView {
  const Invoice& invoice;
  std::optional<Payable> payable{};  ///< nullopt: left out, in `lntpay decode`, which belongs to no environment
};

inline std::optional<std::string_view> description_text(const Description& description) {
  const auto* const text = std::get_if<std::string>(&description);
  return text != nullptr ? std::optional(std::string_view(*text)) : std::nullopt;
}
inline std::optional<Bytes32> description_hash(const Description& description) {
  const auto* const hash = std::get_if<DescriptionHash>(&description);
  return hash != nullptr ? std::optional(hash->sha256) : std::nullopt;
}
inline Described<hop_object, 2> described_routes(const std::vector<RouteHint>& hints) {
  JsonArray routes;
  for (const auto& hint : hints) routes.raw(described_list<hop_object>(hint).json);
  return {routes.text()};
}

inline constexpr std::string_view network_names[] = {"bitcoin", "testnet", "signet", "regtest", "simnet"};

inline constexpr auto invoice_object = object_of<InvoiceView>(
    kind_member<"bolt11">(),
    member({.name = "network", .description = "The network on which it can be paid.", .names = network_names},
           [](const auto& v) { return NameOf{name(v.invoice.network)}; }),
    member("amount_sats", "The amount, rounded up to whole satoshi; null if the invoice states none.",
           [](const auto& v) { return v.invoice.amount.transform(sats_up); }),
    member("amount_msat", "The amount; null if the payer chooses it.", [](const auto& v) { return v.invoice.amount; }),
    member("payee", "The public key that signed the invoice.", [](const auto& v) { return hex(v.invoice.payee.bytes); }),
    member("payee_stated", "Whether the invoice names the payee (field n).", [](const auto& v) { return v.invoice.payee_stated; }),
    member("payment_hash", "Field p.", [](const auto& v) { return v.invoice.payment_hash; }),
    member("payment_secret", "Field s.", [](const auto& v) { return v.invoice.payment_secret; }),
    member({.name = "description", .description = "Field d; null if there is a hash of it.", .min = 0},
           [](const auto& v) { return description_text(v.invoice.description); }),
    member("description_hash", "Field h.", [](const auto& v) { return description_hash(v.invoice.description); }),
    member("timestamp", "When it was made, in Unix seconds.", [](const auto& v) { return v.invoice.timestamp_s; }),
    member("created_at", "The same as a time.", [](const auto& v) { return v.invoice.created_at(); }),
    member("expiry", "Seconds until it expires; default: 3600.",
           [](const auto& v) { return v.invoice.expiry_s.value_or(expiry_default_s); }),
    member("expires_at", "When it expires.", [](const auto& v) { return v.invoice.expires_at(); }),
    member("min_final_cltv", "Blocks; default: 18.", [](const auto& v) { return v.invoice.final_cltv_blocks(); }),
    member("features", "Field 9.", [](const auto& v) { return described_list<feature_object>(v.invoice.features); }),
    member("routes", "The fields r: hints, each a list of hops.", [](const auto& v) { return described_routes(v.invoice.routes); }),
    member("fallbacks", "The fields f: addresses on the chain.",
           [](const auto& v) { return described_list<fallback_object>(v.invoice.fallbacks); }),
    member({.name = "metadata", .description = "Field m, in hex.", .min = 0},
           [](const auto& v) { return v.invoice.metadata.transform([](const Bytes& bytes) { return hex(bytes); }); }),
    member("unknown_fields", "Fields of unknown types.",
           [](const auto& v) { return described_list<raw_field_object>(v.invoice.unknown_fields); }),
    member("ignored_fields", "Fields of a length or version that readers skip.",
           [](const auto& v) { return described_list<raw_field_object>(v.invoice.ignored_fields); }),
    member("field_order", "The types of the fields in their order.",
           [](const auto& v) { return std::string_view(v.invoice.field_order); }),
    member("signature", "r and s, in hex.", [](const auto& v) { return hex(v.invoice.signature.compact); }),
    member("recovery_id", "0 to 3.", [](const auto& v) { return v.invoice.signature.recovery_id; }),
    member("high_s", "Whether s is above half the group order.",
           [](const auto& v) { return has_high_s(v.invoice.signature.compact); }),
    member("warnings", "What other nodes reject.",
           [](const auto& v) { return described_list<warning_object>(warnings(v.invoice)); }),
    member({.name = "payable", .description = "Whether this environment would pay it now.", .required = true},
           [](const auto& v) { return OnlyWhenGiven<Described<payable_object>>{v.payable.transform(described<payable_object>)}; }));

inline constexpr auto invoice_fields = invoice_object.fields();

/// Includes the payment secret: it is in the invoice text.
JsonObject invoice_json(const InvoiceView& view);

}  // namespace lntpay::bolt11
