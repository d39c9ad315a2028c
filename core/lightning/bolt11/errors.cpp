// The table of reasons: names and sentences.
#include "core/lightning/bolt11/errors.hpp"

#include <algorithm>
#include <array>

#include "core/base/json.hpp"

namespace lntpay::bolt11 {
namespace {

struct Text {
  Reason reason;
  std::string_view name;
  std::string_view sentence;
};

/// In the order of the reasons.
constexpr auto texts = std::to_array<Text>({
    {Reason::offer_not_invoice, "offer_not_invoice", "This is a BOLT12 offer. Ask the payee for a BOLT11 invoice (lnbc…)."},
    {Reason::lnurl_not_invoice, "lnurl_not_invoice", "This is an LNURL. Open it in a wallet to get a BOLT11 invoice (lnbc…)."},
    {Reason::lightning_address_not_invoice, "lightning_address_not_invoice",
     "This is a Lightning address. Enter it in a wallet to get a BOLT11 invoice (lnbc…)."},
    {Reason::bitcoin_address_not_invoice, "bitcoin_address_not_invoice",
     "This is a bitcoin: link without a Lightning invoice. Ask the payee for a BOLT11 invoice (lnbc…)."},
    {Reason::too_long, "too_long", "An invoice has at most 7089 characters."},
    {Reason::character_invalid, "character_invalid", "This character is not allowed in an invoice."},
    {Reason::case_mixed, "case_mixed", "An invoice is written all in lower case or all in upper case."},
    {Reason::separator_missing, "separator_missing", "There is no '1' between the prefix and the data."},
    {Reason::prefix_empty, "prefix_empty", "The prefix before the '1' is empty."},
    {Reason::checksum_missing, "checksum_missing", "The text ends before its checksum of six characters."},
    {Reason::checksum_wrong, "checksum_wrong",
     "The checksum does not match. Check the text for changed, missing or extra characters."},
    {Reason::prefix_not_lightning, "prefix_not_lightning", "An invoice starts with 'ln'."},
    {Reason::currency_unknown, "currency_unknown", "The currency after 'ln' is not one of bc, tb, tbs, bcrt, sb."},
    {Reason::amount_malformed, "amount_malformed", "The amount must be digits, followed by at most one multiplier."},
    {Reason::amount_multiplier_unknown, "amount_multiplier_unknown", "The amount's multiplier is not one of m, u, n, p."},
    {Reason::amount_leading_zero, "amount_leading_zero", "The amount starts with a zero."},
    {Reason::amount_zero, "amount_zero", "The amount is zero; an invoice for any amount omits it."},
    {Reason::amount_below_one_msat, "amount_below_one_msat", "The amount is not a whole number of millisatoshis."},
    {Reason::amount_too_large, "amount_too_large", "The amount is more than 21 million bitcoin."},
    {Reason::data_too_short, "data_too_short", "The data is too short to hold a timestamp and a signature."},
    {Reason::field_truncated, "field_truncated", "A field is longer than the rest of the data."},
    {Reason::field_repeated, "field_repeated", "A field that may occur only once is repeated."},
    {Reason::padding_not_zero, "padding_not_zero", "The padding bits of a field must be fewer than five, and zero."},
    {Reason::payment_hash_missing, "payment_hash_missing", "There is no payment hash (field p)."},
    {Reason::payment_secret_missing, "payment_secret_missing", "There is no payment secret (field s)."},
    {Reason::description_missing, "description_missing", "The description (field d) and its hash (field h) are both missing."},
    {Reason::description_and_hash, "description_and_hash",
     "The invoice has both a description (field d) and a description hash (field h)."},
    {Reason::description_not_utf8, "description_not_utf8", "The description (field d) is not UTF-8."},
    {Reason::expiry_not_minimal, "expiry_not_minimal", "The expiry (field x) is not in its shortest form."},
    {Reason::expiry_too_large, "expiry_too_large", "The expiry (field x) does not fit in 35 bits."},
    {Reason::final_cltv_not_minimal, "final_cltv_not_minimal", "The final CLTV expiry (field c) is not in its shortest form."},
    {Reason::final_cltv_too_large, "final_cltv_too_large", "The final CLTV expiry (field c) does not fit in 32 bits."},
    {Reason::features_not_minimal, "features_not_minimal", "The features (field 9) are not in their shortest form."},
    {Reason::feature_unknown, "feature_unknown", "The invoice requires an unknown feature (field 9)."},
    {Reason::payee_not_a_key, "payee_not_a_key", "The payee (field n) is not a valid public key."},
    {Reason::route_empty, "route_empty", "A route hint (field r) has no hop."},
    {Reason::route_truncated, "route_truncated", "A route hint (field r) ends inside a hop of 51 bytes."},
    {Reason::route_node_not_a_key, "route_node_not_a_key", "A hop of a route hint (field r) has an invalid public key."},
    {Reason::fallback_empty, "fallback_empty", "A fallback address (field f) is empty."},
    {Reason::fallback_program_length, "fallback_program_length",
     "A fallback address (field f) has the wrong length for its version."},
    {Reason::blinded_path_unsupported, "blinded_path_unsupported",
     "The invoice can only be paid over a blinded path (field of type 20), which is not supported."},
    {Reason::recovery_id_invalid, "recovery_id_invalid", "The signature's recovery id is above 3."},
    {Reason::signature_invalid, "signature_invalid", "The signature is invalid."},
    {Reason::signature_high_s, "signature_high_s",
     "The signature's S is above half the group order although the payee (field n) is stated."},
    {Reason::payee_mismatch, "payee_mismatch", "The signature was not made by the stated payee (field n)."},
});
static_assert(texts.size() == reason_count);
static_assert(std::ranges::all_of(texts, [](const Text& each) { return &texts[static_cast<std::size_t>(each.reason)] == &each; }));

constexpr const Text& text_of(Reason reason) { return texts[static_cast<std::size_t>(reason)]; }

}  // namespace

std::string_view name(Reason reason) { return text_of(reason).name; }
std::string_view sentence(Reason reason) { return text_of(reason).sentence; }

bool has_position(Reason reason) {
  switch (reason) {
    case Reason::offer_not_invoice:
    case Reason::lnurl_not_invoice:
    case Reason::lightning_address_not_invoice:
    case Reason::bitcoin_address_not_invoice:
    case Reason::too_long:
    case Reason::separator_missing:
    case Reason::checksum_wrong:
    case Reason::payment_hash_missing:
    case Reason::payment_secret_missing:
    case Reason::description_missing:
    case Reason::blinded_path_unsupported: return false;
    default: return true;
  }
}

Error public_error(const Rejection& rejection) {
  const auto& text = text_of(rejection.reason);
  JsonObject details;
  details.add("reason", text.name)
      .add("sentence", text.sentence)
      .add("at", has_position(rejection.reason) ? std::optional{rejection.at} : std::nullopt);
  return {.code = ErrorCode::bolt11_invalid, .message = std::string(text.sentence), .param = "bolt11", .details = details.text()};
}

}  // namespace lntpay::bolt11
