// Every reason for a rejection is reached, with its position.
#include <doctest/doctest.h>

#include <set>

#include "core/lightning/bolt11/decode.hpp"
#include "core/lightning/bolt11/pasted.hpp"
#include "tests/support/handmade_invoice.hpp"

namespace rejections_test {
using namespace lntpay;
using namespace lntpay::bolt11;
using namespace lntpay::bolt11::handmade;

namespace {

struct Row {
  Reason reason;
  std::string text;
  std::size_t at;
};

// s, p and d of a mainnet invoice, and one more field, at 125.
constexpr std::size_t extra_at = fields_at("lnbc") + 55 + 55 + 3;
std::string with(const std::string& fields) { return signed_text("lnbc", s + p + d + fields); }
std::string prefixed(std::string_view prefix) { return signed_text(prefix, s + p + d); }

std::string changed(std::string text, std::size_t at, char c) {
  text[at] = c;
  return text;
}

std::vector<Row> rows() {
  const auto good = with("");
  const auto signature_at = good.size() - checksum_groups - signature_groups;
  const auto stated = field('n', bolt_node);
  return {
      {Reason::offer_not_invoice, "lno1qcp4256ypqpq", 0},
      {Reason::lnurl_not_invoice, "LNURL1DP68GURN8GHJ7", 0},
      {Reason::lightning_address_not_invoice, "user@example.com", 0},
      {Reason::bitcoin_address_not_invoice, "bitcoin:bc1qx", 0},
      {Reason::too_long, zeros(7'090), 0},
      {Reason::character_invalid, changed(good, 40, '\x7f'), 40},
      {Reason::character_invalid, changed(good, 40, 'b'), 40},
      {Reason::character_invalid, changed(good, 0, ' '), 0},
      {Reason::case_mixed, changed(good, 40, 'Q'), 40},
      {Reason::separator_missing, "lnbcqqqqqq", 0},
      {Reason::prefix_empty, "1qqqqqq", 0},
      {Reason::checksum_missing, "lnbc1qqqqq", 10},
      {Reason::checksum_wrong, changed(good, 40, good[40] == 'q' ? 'p' : 'q'), 0},
      {Reason::prefix_not_lightning, prefixed("bc"), 0},
      {Reason::currency_unknown, prefixed("lnxy20m"), 2},
      {Reason::amount_malformed, prefixed("lnbc20mm"), 6},
      {Reason::amount_multiplier_unknown, prefixed("lnbc20x"), 6},
      {Reason::amount_leading_zero, prefixed("lnbcrt02m"), 6},
      {Reason::amount_zero, prefixed("lnbc0"), 4},
      {Reason::amount_below_one_msat, prefixed("lnbc2501p"), 7},
      {Reason::amount_too_large, prefixed("lnbc21000001"), 4},
      {Reason::data_too_short, bech32("lnbc", std::vector<std::uint8_t>(110)), 115},
      {Reason::field_truncated, with("2q"), extra_at},
      {Reason::field_truncated, with("2qpqq2ll"), extra_at + 4},
      {Reason::field_repeated, with(s), extra_at},
      {Reason::padding_not_zero, with(field('m', "qp")), extra_at},
      {Reason::payment_hash_missing, signed_text("lnbc", s + d), 0},
      {Reason::payment_secret_missing, signed_text("lnbc", p + d), 0},
      {Reason::description_missing, signed_text("lnbc", s + p), 0},
      {Reason::description_and_hash, with(h), extra_at},
      {Reason::description_not_utf8, signed_text("lnbc", s + p + field('d', "lu")), extra_at - 3},
      {Reason::expiry_not_minimal, with(field('x', "qp")), extra_at},
      {Reason::expiry_too_large, with(field('x', "pqqqqqqq")), extra_at},
      {Reason::final_cltv_not_minimal, with(field('c', "")), extra_at},
      {Reason::final_cltv_too_large, with(field('c', "yqqqqqq")), extra_at},
      {Reason::features_not_minimal, with(field('9', "qp")), extra_at},
      {Reason::feature_unknown, with(field('9', "zz")), extra_at + field_head_groups},
      {Reason::feature_unknown, with(field('9', "zqp")), extra_at + field_head_groups + 2},
      {Reason::payee_not_a_key, with(field('n', zeros(53))), extra_at},
      {Reason::route_empty, with(field('r', "")), extra_at},
      {Reason::route_truncated, with(field('r', zeros(81))), extra_at},
      {Reason::route_node_not_a_key, with(field('r', zeros(82))), extra_at},
      {Reason::fallback_empty, with(field('f', "")), extra_at},
      {Reason::fallback_program_length, with(field('f', "3qq")), extra_at},
      {Reason::blinded_path_unsupported, signed_text("lnbc", p + d + field('5', "")), 0},
      {Reason::recovery_id_invalid, signed_text("lnbc", s + p + d, [](Bytes& bytes) { bytes[64] = 4; }),
       signature_at + signature_groups - 2},
      {Reason::signature_invalid, signed_text("lnbc", s + p + d, [](Bytes& bytes) { bytes.assign(65, 0); }), signature_at},
      {Reason::signature_high_s, signed_text("lnbc", s + p + d + stated, raise_s), signature_at + stated.size()},
      {Reason::payee_mismatch, with(field('n', "qt" + bolt_node.substr(2))), signature_at + stated.size()},
  };
}

}  // namespace

TEST_CASE("every reason is reached, with its position") {
  std::set<Reason> reached;
  for (const auto& [reason, text, at] : rows()) {
    CAPTURE(std::string{name(reason)});
    const auto pasted = pasted_invoice(text);
    const auto refused = pasted ? decode(text) : std::unexpected(pasted.error());
    REQUIRE_FALSE(refused.has_value());
    CHECK(std::string{name(refused.error().reason)} == std::string{name(reason)});
    CHECK(refused.error().at == at);
    if (!has_position(reason)) CHECK(refused.error().at == 0);
    reached.insert(reason);
  }
  CHECK(reached.size() == reason_count);
}

TEST_CASE("a position counts bytes of the text, in capital letters too") {
  auto text = with(field('x', "qp"));
  for (auto& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  CHECK(decode(text).error() == Rejection{Reason::expiry_not_minimal, extra_at});
}

TEST_CASE("a rejection becomes bolt11_invalid with its details") {
  const auto placed = public_error({Reason::field_repeated, 125});
  CHECK(placed.code == ErrorCode::bolt11_invalid);
  CHECK(placed.param == "bolt11");
  CHECK(placed.message == sentence(Reason::field_repeated));
  CHECK(placed.details == R"({"reason":"field_repeated","sentence":"A field that may occur only once is repeated.","at":125})");
  CHECK(public_error({Reason::too_long}).details ==
        R"({"reason":"too_long","sentence":"An invoice has at most 7089 characters.","at":null})");
}

}  // namespace rejections_test
