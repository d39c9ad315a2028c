// The table of reasons: names and sentences.
#include "core/lightning/bolt11/errors.hpp"

#include "core/base/json.hpp"

namespace lntpay::bolt11 {
namespace {

struct Text {
  std::string_view name;
  std::string_view sentence;
};

constexpr Text text_of(Reason reason) {
  switch (reason) {
    case Reason::too_long: return {"too_long", "An invoice has at most 7089 characters."};
    case Reason::character_invalid: return {"character_invalid", "This character is not allowed in an invoice."};
    case Reason::case_mixed: return {"case_mixed", "An invoice is written all in lower case or all in upper case."};
    case Reason::separator_missing: return {"separator_missing", "There is no '1' between the prefix and the data."};
    case Reason::prefix_empty: return {"prefix_empty", "The prefix before the '1' is empty."};
    case Reason::checksum_missing: return {"checksum_missing", "The text ends before its checksum of six characters."};
    case Reason::checksum_wrong:
      return {"checksum_wrong", "The checksum does not match. Check the text for changed, missing or extra characters."};
    case Reason::prefix_not_lightning: return {"prefix_not_lightning", "An invoice starts with 'ln'."};
    case Reason::currency_unknown: return {"currency_unknown", "The currency after 'ln' is not one of bc, tb, tbs, bcrt, sb."};
    case Reason::amount_malformed: return {"amount_malformed", "The amount must be digits, followed by at most one multiplier."};
    case Reason::amount_multiplier_unknown:
      return {"amount_multiplier_unknown", "The amount's multiplier is not one of m, u, n, p."};
    case Reason::amount_leading_zero: return {"amount_leading_zero", "The amount starts with a zero."};
    case Reason::amount_zero: return {"amount_zero", "The amount is zero; an invoice for any amount omits it."};
    case Reason::amount_below_one_msat: return {"amount_below_one_msat", "The amount is not a whole number of millisatoshis."};
    case Reason::amount_too_large: return {"amount_too_large", "The amount is more than 21 million bitcoin."};
    case Reason::data_too_short: return {"data_too_short", "The data is too short to hold a timestamp and a signature."};
    case Reason::field_truncated: return {"field_truncated", "A field is longer than the rest of the data."};
    case Reason::field_repeated: return {"field_repeated", "A field that may occur only once is repeated."};
    case Reason::padding_not_zero: return {"padding_not_zero", "The padding bits of a field must be fewer than five, and zero."};
    case Reason::payment_hash_missing: return {"payment_hash_missing", "There is no payment hash (field p)."};
    case Reason::payment_secret_missing: return {"payment_secret_missing", "There is no payment secret (field s)."};
    case Reason::description_missing:
      return {"description_missing", "The description (field d) and its hash (field h) are both missing."};
    case Reason::description_and_hash:
      return {"description_and_hash", "The invoice has both a description (field d) and a description hash (field h)."};
    case Reason::description_not_utf8: return {"description_not_utf8", "The description (field d) is not UTF-8."};
    case Reason::expiry_not_minimal: return {"expiry_not_minimal", "The expiry (field x) is not in its shortest form."};
    case Reason::expiry_too_large: return {"expiry_too_large", "The expiry (field x) does not fit in 35 bits."};
    case Reason::final_cltv_not_minimal:
      return {"final_cltv_not_minimal", "The final CLTV expiry (field c) is not in its shortest form."};
    case Reason::final_cltv_too_large: return {"final_cltv_too_large", "The final CLTV expiry (field c) does not fit in 32 bits."};
    case Reason::features_not_minimal: return {"features_not_minimal", "The features (field 9) are not in their shortest form."};
    case Reason::feature_unknown: return {"feature_unknown", "The invoice requires an unknown feature (field 9)."};
    case Reason::payee_not_a_key: return {"payee_not_a_key", "The payee (field n) is not a valid public key."};
    case Reason::route_empty: return {"route_empty", "A route hint (field r) has no hop."};
    case Reason::route_truncated: return {"route_truncated", "A route hint (field r) ends inside a hop of 51 bytes."};
    case Reason::route_node_not_a_key:
      return {"route_node_not_a_key", "A hop of a route hint (field r) has an invalid public key."};
    case Reason::fallback_empty: return {"fallback_empty", "A fallback address (field f) is empty."};
    case Reason::fallback_program_length:
      return {"fallback_program_length", "A fallback address (field f) has the wrong length for its version."};
    case Reason::blinded_path_unsupported:
      return {"blinded_path_unsupported",
              "The invoice can only be paid over a blinded path (field of type 20), which is not supported."};
    case Reason::recovery_id_invalid: return {"recovery_id_invalid", "The signature's recovery id is above 3."};
    case Reason::signature_invalid: return {"signature_invalid", "The signature is invalid."};
    case Reason::signature_high_s:
      return {"signature_high_s", "The signature's S is above half the group order although the payee (field n) is stated."};
    case Reason::payee_mismatch: return {"payee_mismatch", "The signature was not made by the stated payee (field n)."};
  }
  __builtin_unreachable();
}

}  // namespace

std::string_view name(Reason reason) { return text_of(reason).name; }
std::string_view sentence(Reason reason) { return text_of(reason).sentence; }

bool has_position(Reason reason) {
  switch (reason) {
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
  const auto text = text_of(rejection.reason);
  JsonObject details;
  details.add("reason", text.name)
      .add("sentence", text.sentence)
      .add("at", has_position(rejection.reason) ? std::optional{rejection.at} : std::nullopt);
  return {.code = ErrorCode::bolt11_invalid, .message = std::string(text.sentence), .param = "bolt11", .details = details.text()};
}

}  // namespace lntpay::bolt11
