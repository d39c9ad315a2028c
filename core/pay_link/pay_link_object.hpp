// The object `pay_link` of the API, and the objects that wallets read: their names are those of LUD-06, LUD-12 and LUD-21.
#pragma once
#include "core/base/object.hpp"
#include "core/lightning/lnurl/destination.hpp"
#include "core/pay_link/pay_link.hpp"

namespace lntpay {

struct PayLinkView {
  const Settings& settings;
  const PayLink& link;
  const TenantScope& tenant;
};

inline constexpr auto pay_link_object = object_of<PayLinkView>(
    member("id", "plk_…", [](const auto& v) { return std::string_view(v.link.id.text()); }), kind_member<"pay_link">(),
    member({.name = "name", .description = "The part of the address before the @.", .form = "pay_name"},
           [](const auto& v) { return std::string_view(v.link.name); }),
    member("address", "The Lightning address that wallets pay; null where the host's URL has a path.",
           [](const auto& v) { return pay_address(v.settings, v.link.name); }),
    member("lnurl", "The same as an LNURL, for QR codes.",
           [](const auto& v) { return lnurl::lnurl_of(pay_link_url(v.settings, v.link.name)); }),
    member("description", "What wallets show the payer; null: the name.",
           [](const auto& v) { return null_if_empty(v.link.description); }),
    member("min_msat", "The least that a wallet can pay.", [](const auto& v) { return v.link.least; }),
    member("max_msat", "The most that a wallet can pay.", [](const auto& v) { return v.link.most; }),
    member("comment_length_max", "The longest comment of a payer, in characters; 0: none.",
           [](const auto& v) { return v.link.comment_length_max; }),
    member("active", "Whether it takes payments.", [](const auto& v) { return v.link.is_active; }),
    member("created_at", "When the link was created.", [](const auto& v) { return v.link.created_at; }),
    member("environment", "test or live", [](const auto& v) { return v.tenant.environment; }));

inline constexpr auto pay_link_fields = pay_link_object.fields();

/// The payRequest (LUD-06): what a wallet may ask of a link.
struct PayOfferView {
  std::string_view callback;
  const PayLink& link;
  std::string_view metadata;
};
inline constexpr auto pay_offer_object = object_of<PayOfferView>(
    member("tag", "payRequest", [](const auto&) { return FixedText<"payRequest">{}; }),
    member("callback", "Where the wallet asks for an invoice, with amount and comment.",
           [](const auto& v) { return UrlText{v.callback}; }),
    member("minSendable", "The least amount, in millisatoshi.", [](const auto& v) { return v.link.least; }),
    member("maxSendable", "The most, in millisatoshi.", [](const auto& v) { return v.link.most; }),
    member("metadata", "What the wallet shows the payer, as the JSON that the invoice has the SHA-256 of.",
           [](const auto& v) { return v.metadata; }),
    member("commentAllowed", "The longest comment, in characters.", [](const auto& v) { return v.link.comment_length_max; }));
inline constexpr auto pay_offer_fields = pay_offer_object.fields();

struct PayInvoiceView {
  std::string_view bolt11;
  std::string_view verify;
};
inline constexpr auto pay_invoice_object = object_of<PayInvoiceView>(
    member("pr", "The invoice.", [](const auto& v) { return v.bolt11; }),
    member("routes", "An empty list.", [](const auto&) { return TextList{"[]"}; }),
    member("disposable", "false: the address can be paid again (LUD-11).", [](const auto&) { return false; }),
    member("verify", "Tells whether the invoice is paid (LUD-21).", [](const auto& v) { return UrlText{v.verify}; }));
inline constexpr auto pay_invoice_fields = pay_invoice_object.fields();

struct PayVerdictView {
  std::string_view bolt11;
  std::optional<Bytes32> preimage;  ///< once it is paid
};
inline constexpr auto pay_verdict_object = object_of<PayVerdictView>(
    member("status", "OK", [](const auto&) { return FixedText<"OK">{}; }),
    member("settled", "Whether the invoice is paid.", [](const auto& v) { return v.preimage.has_value(); }),
    member("preimage", "The proof of the payment; null until it is paid.", [](const auto& v) { return v.preimage; }),
    member("pr", "The invoice.", [](const auto& v) { return v.bolt11; }));
inline constexpr auto pay_verdict_fields = pay_verdict_object.fields();

}  // namespace lntpay
