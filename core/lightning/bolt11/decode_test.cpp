// The reader: examples of BOLT 11, and one invoice for every rule.
#include "core/lightning/bolt11/decode.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/support/handmade_invoice.hpp"

namespace decode_test {
using namespace lntpay;
using namespace lntpay::bolt11;
using namespace lntpay::bolt11::handmade;

namespace {

std::string verdict(std::string_view text) {
  const auto invoice = decode(text);
  return invoice ? "accepted" : std::string{name(invoice.error().reason)};
}

std::string verdict_of_fields(const std::string& fields) { return verdict(signed_text("lnbc", fields)); }

// s, p, d, and one more field.
std::string with(const std::string& fields) { return verdict_of_fields(s + p + d + fields); }

}  // namespace

TEST_CASE("the first example of BOLT 11 is read") {
  const auto invoice = decode(
      "lnbc1pvjluezsp5zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zygspp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqypqdp"
      "l2pkx2ctnv5s"
      "xxmmwwd5kgetjypeh2ursdae8g6twvus8g6rfwvs8qun0dfjkxaq9qrsgq357wnc5r2ueh7ck6q93dj32dlqnls087fxdwk8qakdyafkq3yap9us6v52vjjsrvyw"
      "a6rt52cm9r9zq"
      "t8r2t7mlcwspyetp5h2tztugp9lfyql");
  REQUIRE(invoice.has_value());
  CHECK(invoice->network == bolt11::Network::bitcoin);
  CHECK_FALSE(invoice->amount.has_value());
  CHECK(invoice->timestamp_s == 1'496'314'658);
  CHECK(hex(invoice->payment_hash) == "0001020304050607080900010203040506070809000102030405060708090102");
  CHECK(hex(invoice->payment_secret) == std::string(64, '1'));
  CHECK(std::get<std::string>(invoice->description) == "Please consider supporting this project");
  CHECK(invoice->features == std::vector<std::uint16_t>{8, 14});
  CHECK(hex(invoice->payee.bytes) == "03e7156ae33b0a208d0744199163177e909e80176e55d97a2f221ede0f934dd9ad");
  CHECK_FALSE(invoice->payee_stated);
  CHECK(invoice->field_order == "spd9");
  CHECK(invoice->expires_at().value == 1'496'318'258'000);
  CHECK(invoice->final_cltv_blocks() == 18);
}

TEST_CASE("BOLT 11's example in capital letters reads the same") {
  std::string text =
      "lnbc2500u1pvjluezsp5zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zygspp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfq"
      "ypqdq5xysxxats"
      "yp3k7enxv4jsxqzpu9qrsgquk0rl77nj30yxdy8j9vdx85fkpmdla2087ne0xh8nhedh8w27kyke0lp53ut353s06fv3qfegext0eh0ymjpf39tuven09sam30g4"
      "vgpfna3rh";
  const auto lower = decode(text);
  REQUIRE(lower.has_value());
  CHECK(lower->amount == 250'000_sat);
  CHECK(lower->expiry_s == 60);
  for (auto& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  CHECK(decode(text) == lower);
}

TEST_CASE("the minimal fields of an invoice are s, p and d or h") {
  CHECK(verdict_of_fields(s + p + d) == "accepted");
  CHECK(verdict_of_fields(s + p + h) == "accepted");
  CHECK(verdict_of_fields(p + d) == "payment_secret_missing");
  CHECK(verdict_of_fields(s + d) == "payment_hash_missing");
  CHECK(verdict_of_fields(s + p) == "description_missing");
  CHECK(verdict_of_fields(s + p + d + h) == "description_and_hash");
  CHECK(verdict_of_fields(s + p + h + d) == "description_and_hash");
  CHECK(verdict_of_fields("") == "payment_hash_missing");
  CHECK(verdict_of_fields(p + d + field('y', zeros(3))) == "payment_secret_missing");
  CHECK(verdict_of_fields(p + d + field('g', "")) == "payment_secret_missing");
}

TEST_CASE("a prefix must be a whole currency") {
  const auto prefixed = [](std::string_view prefix) { return verdict(signed_text(prefix, s + p + d)); };
  for (const auto good : {"lnbc", "lntb", "lntbs", "lnbcrt", "lnsb", "lnbcrt20m", "lntbs10p"}) {
    CAPTURE(good);
    CHECK(prefixed(good) == "accepted");
  }
  for (const auto bad : {"ln", "lnb", "lnbcr", "lnbcrtx", "lnxy34m", "ln20m", "lnbcm"}) {
    CAPTURE(bad);
    CHECK(prefixed(bad) == "currency_unknown");
  }
  CHECK(prefixed("bc") == "prefix_not_lightning");
  CHECK(prefixed("lightning:lnbc") == "prefix_not_lightning");
  CHECK(prefixed("lnbc20") == "accepted");
  CHECK(prefixed("lnbc0m") == "amount_zero");
  CHECK(prefixed("lnbc2500x") == "amount_multiplier_unknown");
  CHECK(prefixed("lnbc20m1") == "amount_malformed");
}

TEST_CASE("a rejected amount has its position") {
  const auto refused = decode(signed_text("lnbcrt2501p", s + p + d));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error() == Rejection{Reason::amount_below_one_msat, 9});
}

TEST_CASE("a repeated single field is rejected, even with the same value") {
  for (const auto& twice :
       {s, p, d, field('x', "p"), field('c', "p"), field('m', "qq"), field('n', bolt_node), field('9', "sqsqq") /* 14 and up */}) {
    CAPTURE(twice);
    const bool present = twice == s || twice == p || twice == d;
    CHECK(with(present ? twice : twice + twice) == "field_repeated");
  }
  CHECK(verdict_of_fields(s + p + h + h) == "field_repeated");
  CHECK(with(field('x', "q") + field('x', "p")) == "field_repeated");
}

TEST_CASE("hashes, secrets and keys of a wrong length are skipped and listed") {
  for (const char type : {'p', 's', 'h', 'n'}) {
    const std::size_t right = type == 'n' ? 53 : 52;
    for (std::size_t size = 0; size <= field_groups_max; size += size < 70 ? 1 : 53) {
      if (size == right) continue;
      const auto invoice = decode(signed_text("lnbc", s + p + h + field(type, zeros(size))));
      REQUIRE(invoice.has_value());
      CHECK(invoice->ignored_fields == std::vector{RawField{type, zeros(size)}});
      CHECK(std::get<DescriptionHash>(invoice->description).sha256 == Bytes32{});
      CHECK(invoice->field_order == std::string{"sph"} + static_cast<char>(type - 'a' + 'A'));
    }
  }
  CHECK(verdict_of_fields(field('s', zeros(51)) + p + d) == "payment_secret_missing");
  CHECK(verdict_of_fields(s + field('p', zeros(53)) + d) == "payment_hash_missing");
}

TEST_CASE("a description hash is kept when a later one has a wrong length") {
  const auto invoice = decode(signed_text("lnbc", s + p + field('h', "pppp" + zeros(48)) + field('h', "")));
  REQUIRE(invoice.has_value());
  CHECK(hex(std::get<DescriptionHash>(invoice->description).sha256).starts_with("08421"));
}

TEST_CASE("padding bits must be zero and short") {
  CHECK(verdict_of_fields(field('s', zeros(51) + "p") + p + d) == "padding_not_zero");
  CHECK(verdict_of_fields(s + field('p', zeros(51) + "p") + d) == "padding_not_zero");
  CHECK(verdict_of_fields(s + p + field('h', zeros(51) + "p")) == "padding_not_zero");
  CHECK(verdict_of_fields(s + p + field('d', "vp")) == "padding_not_zero");
  CHECK(verdict_of_fields(s + p + field('d', "q")) == "padding_not_zero");
  CHECK(with(field('m', "qp")) == "padding_not_zero");
  CHECK(with(field('m', "q")) == "padding_not_zero");
  CHECK(with(field('f', "3" + zeros(31) + "p")) == "accepted");  // 160 bits: no padding
  CHECK(with(field('f', "q" + zeros(51) + "p")) == "padding_not_zero");
}

TEST_CASE("a description must be UTF-8") {
  CHECK(verdict_of_fields(s + p + field('d', "qq")) == "accepted");              // 00
  CHECK(verdict_of_fields(s + p + field('d', "lu")) == "description_not_utf8");  // ff
  CHECK(verdict_of_fields(s + p + field('d', zeros(1'023))) == "accepted");      // 639 bytes
}

TEST_CASE("numbers must be in their shortest form and in range") {
  CHECK(with(field('x', "q")) == "accepted");
  CHECK(with(field('x', "")) == "expiry_not_minimal");
  CHECK(with(field('x', "qp")) == "expiry_not_minimal");
  CHECK(with(field('x', "lllllll")) == "accepted");
  CHECK(with(field('x', "pqqqqqqq")) == "expiry_too_large");
  CHECK(with(field('x', std::string(1'023, 'l'))) == "expiry_too_large");
  CHECK(with(field('c', "q")) == "accepted");
  CHECK(with(field('c', "")) == "final_cltv_not_minimal");
  CHECK(with(field('c', "qq")) == "final_cltv_not_minimal");
  CHECK(with(field('c', "rllllll")) == "accepted");              // 2^32 - 1
  CHECK(with(field('c', "yqqqqqq")) == "final_cltv_too_large");  // 2^32
}

TEST_CASE("every unknown even feature bit is rejected") {
  for (std::size_t bit = 0; bit <= 5'114; bit += bit < 300 ? 1 : 97) {
    std::string data = zeros(bit / 5 + 1);
    data.front() = bech32_alphabet[1U << bit % 5];
    CAPTURE(bit);
    const bool known = bit == 8 || bit == 14 || bit == 16 || bit == 24 || bit == 36 || bit == 48;
    CHECK(with(field('9', data)) == (bit % 2 == 1 || known ? "accepted" : "feature_unknown"));
    CHECK(decode_unverified(signed_text("lnbc", s + p + d + field('9', data))).has_value() == (bit % 2 == 1 || known));
  }
  CHECK(with(field('9', "")) == "features_not_minimal");
  CHECK(with(field('9', "q")) == "features_not_minimal");
  CHECK(with(field('9', "qp")) == "features_not_minimal");
}

TEST_CASE("a fallback address must have the length of its version") {
  const auto accepts = [](std::size_t version, std::size_t bytes) {
    return with(field('f', std::string{bech32_alphabet[version]} + zeros((bytes * 8 + 4) / 5)));
  };
  for (std::size_t version = 0; version < 32; ++version) {
    for (std::size_t bytes = 0; bytes <= 45; ++bytes) {
      CAPTURE(version);
      CAPTURE(bytes);
      const bool fits = version == 0    ? bytes == 20 || bytes == 32
                        : version <= 16 ? bytes >= 2 && bytes <= 40
                                        : version > 18 || bytes == 20;
      CHECK(accepts(version, bytes) == (fits ? "accepted" : "fallback_program_length"));
    }
  }
  CHECK(with(field('f', "")) == "fallback_empty");
  CHECK(decode(signed_text("lnbc", s + p + d + field('f', "n")))->ignored_fields == std::vector{RawField{'f', "n"}});
}

TEST_CASE("a route hint must have whole hops with valid keys") {
  CHECK(with(field('r', "")) == "route_empty");
  CHECK(with(field('r', "qq")) == "route_truncated");
  CHECK(with(field('r', zeros(82))) == "route_node_not_a_key");
  const auto hop = bolt_node.substr(0, 52) + "6" + zeros(29);
  CHECK(with(field('r', hop)) == "accepted");
  CHECK(with(field('r', hop + "qq")) == "route_truncated");
  CHECK(with(field('r', hop) + field('r', hop)) == "accepted");
}

TEST_CASE("fields of unknown types are kept with any content") {
  const auto invoice = decode(signed_text("lnbc", s + field('2', "l") + p + field('y', "") + d + field('2', zeros(600))));
  REQUIRE(invoice.has_value());
  CHECK(invoice->unknown_fields == std::vector{RawField{'2', "l"}, RawField{'y', ""}, RawField{'2', zeros(600)}});
  CHECK(invoice->field_order == "s2pyd2");
}

TEST_CASE("an invoice with only a blinded path has its own reason") {
  CHECK(verdict_of_fields(p + d + field('5', zeros(10))) == "blinded_path_unsupported");
  CHECK(with(field('5', zeros(10))) == "accepted");
}

TEST_CASE("a field must not extend into the signature") {
  CHECK(with("2") == "field_truncated");
  CHECK(with("2q") == "field_truncated");
  CHECK(with("2qp") == "field_truncated");
  CHECK(with("2ll") == "field_truncated");
  CHECK(verdict(bech32("lnbc", std::vector<std::uint8_t>(110, 0))) == "data_too_short");
  CHECK(verdict(bech32("lnbc", std::vector<std::uint8_t>(111, 0))) == "payment_hash_missing");
}

TEST_CASE("the stated payee must be the signer") {
  const auto stated = signed_text("lnbc", s + p + d + field('n', bolt_node));
  REQUIRE(decode(stated).has_value());
  CHECK(decode(stated)->payee == public_key(bolt_key()));
  CHECK(decode(stated)->payee_stated);
  CHECK(with(field('n', zeros(53))) == "payee_not_a_key");
  CHECK(with(field('n', "qt" + bolt_node.substr(2))) == "payee_mismatch");  // the same X, the other Y
}

TEST_CASE("decode_unverified leaves the payee empty, and rejects an invalid one") {
  const auto invoice = decode_unverified(signed_text("lnbc", s + p + d));
  REQUIRE(invoice.has_value());
  CHECK(invoice->payee == PublicKey{});
  CHECK(decode_unverified(signed_text("lnbc", s + p + d + field('n', bolt_node)))->payee == public_key(bolt_key()));
  CHECK(decode_unverified(signed_text("lnbc", s + p + d + field('n', zeros(53)))).error().reason == Reason::payee_not_a_key);
}

TEST_CASE("signatures: recovery ids, numbers out of range, and S above half the order") {
  const auto spoilt = [](const std::string& fields, const std::function<void(Bytes&)>& spoil) {
    return verdict(signed_text("lnbc", fields, spoil));
  };
  for (int id = 4; id < 256; ++id)
    CHECK(spoilt(s + p + d, [&](Bytes& bytes) { bytes[64] = static_cast<std::uint8_t>(id); }) == "recovery_id_invalid");
  CHECK(spoilt(s + p + d, [](Bytes& bytes) { std::fill(bytes.begin(), bytes.begin() + 32, std::uint8_t{0xff}); }) ==
        "signature_invalid");
  CHECK(spoilt(s + p + d, [](Bytes& bytes) { std::fill(bytes.begin(), bytes.begin() + 64, std::uint8_t{0}); }) ==
        "signature_invalid");
  // "public-key recovery … MUST accept" both; with n the signature must be the canonical one.
  CHECK(spoilt(s + p + d, raise_s) == "accepted");
  CHECK(spoilt(s + p + d + field('n', bolt_node), raise_s) == "signature_high_s");
}

TEST_CASE("any byte string gets a result") {
  const auto good = signed_text("lnbc20m", s + p + d + field('x', "p"));
  CHECK(verdict(good) == "accepted");
  for (std::size_t i = 0; i < good.size(); ++i) {
    CHECK(verdict(std::string_view{good}.substr(0, i)) != "accepted");
    for (const char c : {'\0', '1', 'b', 'Q', '\xff', ' '}) {
      auto bad = good;
      bad[i] = c;
      if (bad != good) CHECK(verdict(bad) != "accepted");
    }
  }
  CHECK(verdict(std::string(1 << 20, '1')) == "too_long");
  CHECK(verdict(std::string(7'089, '1')) == "checksum_missing");
  CHECK(verdict(std::string(7'089, 'q')) == "separator_missing");
}

}  // namespace decode_test
