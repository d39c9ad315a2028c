// POST /v1/bolt11/decode: the fields, the errors, and whether this environment would pay the invoice.
#include <doctest/doctest.h>

#include <functional>

#include "core/base/encoding.hpp"
#include "core/lightning/bolt11/encode.hpp"
#include "core/lightning/bolt11/errors.hpp"
#include "tests/support/world.hpp"

namespace lntpay::test::bolt11_test {
namespace {

SecretKey key_of(std::uint8_t fill) {
  Bytes32 bytes;
  bytes.fill(fill);
  return *SecretKey::from(bytes);
}

/// An invoice of another node, made now.
std::string invoice_of(const World& world, const std::function<void(bolt11::Invoice&)>& change = {}) {
  bolt11::Invoice invoice;
  invoice.network = bolt11::Network::regtest;
  invoice.timestamp_s = world.now.value / 1'000;
  invoice.payment_hash.fill(1);
  invoice.payment_secret.fill(2);
  invoice.description = "tea";
  invoice.features = {8, 14, 17};
  if (change) change(invoice);
  const auto text = bolt11::encode(invoice, key_of(7));
  REQUIRE(text.has_value());
  return *text;
}

Reading decode(World& world, const std::string& text) { return world.post("/v1/bolt11/decode", R"({"bolt11":")" + text + R"("})"); }

/// "true", or the code of the reason.
std::string payable(const Reading& answer) {
  REQUIRE_MESSAGE(answer.status() == 200, answer.body());
  const auto code = answer.text("payable.code");
  CHECK((answer.text("payable.message").empty() == code.empty()));
  return code.empty() ? "true" : code;
}

}  // namespace

TEST_CASE("an invoice is returned field by field") {
  World world;
  world.bootstrap();
  const auto text = invoice_of(world, [](bolt11::Invoice& invoice) {
    invoice.amount = 21_sat;
    invoice.expiry_s = 60;
    invoice.min_final_cltv = 80;
    invoice.features = {8, 14, 17, 99};
    invoice.routes = {{{public_key(key_of(9)), 700'000ULL << 40 | 17 << 16 | 1, 1, 2, 3}}};
    invoice.fallbacks = {{17, Bytes(20, 5)}};
    invoice.metadata = Bytes{0xab};
    invoice.unknown_fields = {{'2', "ll"}};
    invoice.ignored_fields = {{'p', "q"}};
    invoice.payee_stated = true;
  });
  const auto answer = decode(world, text);
  REQUIRE_MESSAGE(answer.status() == 200, answer.body());
  const auto payee = hex(public_key(key_of(7)).bytes);
  const auto node = hex(public_key(key_of(9)).bytes);
  const std::string body = answer.body();
  const auto signature_at = body.find(R"(,"signature":")");
  CHECK(body.substr(0, signature_at) ==
        R"({"object":"bolt11","network":"regtest","amount_sats":21,"amount_msat":21000,"payee":")" + payee +
            R"(","payee_stated":true,"payment_hash":")" + hex(Bytes(32, 1)) + R"(","payment_secret":")" + hex(Bytes(32, 2)) +
            R"(","description":"tea","description_hash":null,"timestamp":1800000000,"created_at":"2027-01-15T08:00:00.000Z",)"
            R"("expiry":60,"expires_at":"2027-01-15T08:01:00.000Z","min_final_cltv":80,"features":[)"
            R"({"bit":8,"name":"var_onion_optin","required":true},{"bit":14,"name":"payment_secret","required":true},)"
            R"({"bit":17,"name":"basic_mpp","required":false},{"bit":99,"name":null,"required":false}],"routes":[[{"node":")" +
            node +
            R"(","short_channel_id":"700000x17x1","fee_base_msat":1,"fee_proportional_millionths":2,"cltv_expiry_delta":3}]],)"
            R"("fallbacks":[{"version":17,"program":")" +
            hex(Bytes(20, 5)) +
            R"("}],"metadata":"ab","unknown_fields":[{"type":"2","data":"ll"}],"ignored_fields":[{"type":"p","data":"q"}],)"
            R"("field_order":"spdmnxcfr92P")");
  CHECK(body.substr(signature_at + 14 + 128) == R"(","recovery_id":)" + std::to_string(answer.number("recovery_id")) +
                                                    R"(,"high_s":false,"warnings":[{"code":"fields_ignored","message":")" +
                                                    answer.text("warnings.0.message") +
                                                    R"("}],"payable":{"ok":true,"code":null,"message":null}})");
  CHECK(payable(answer) == "true");
}

TEST_CASE("an invalid invoice is refused with the reason and the position") {
  World world;
  world.bootstrap();
  const auto good = invoice_of(world);
  auto changed = good;
  changed[30] = changed[30] == 'q' ? 'p' : 'q';
  CHECK(decode(world, changed).error() == "400 bolt11_invalid");
  CHECK(decode(world, changed).text("error.param") == "bolt11");
  CHECK(decode(world, changed).text("error.details.reason") == "checksum_wrong");
  CHECK(decode(world, changed).body().contains(R"("at":null)"));
  changed[30] = 'b';
  const auto refused = decode(world, "lightning:" + changed);
  CHECK(refused.text("error.details.reason") == "character_invalid");
  CHECK(refused.number("error.details.at") == 30);
  CHECK(refused.text("error.details.sentence") == refused.text("error.message"));
  CHECK(decode(world, "lightning:lightning:" + good).text("error.details.reason") == "checksum_wrong");
  CHECK(decode(world, std::string(200'000, 'q')).text("error.details.reason") == "too_long");
  CHECK(world.post("/v1/bolt11/decode", "{}").error() == "400 invalid_request");
}

TEST_CASE("a lightning: prefix and capital letters are accepted") {
  World world;
  world.bootstrap();
  auto text = invoice_of(world);
  const auto plain = decode(world, text);
  CHECK(decode(world, "lightning:" + text).body() == plain.body());
  for (auto& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  CHECK(decode(world, "LIGHTNING:" + text).body() == plain.body());
}

TEST_CASE("a pasted invoice is read as the invoice") {
  World world;
  world.bootstrap();
  const auto text = invoice_of(world, [](bolt11::Invoice& invoice) { invoice.amount = 21_sat; });
  const auto plain = decode(world, text);
  for (const auto& pasted : {text + R"(\n)", " " + text, text + R"( \t\n)", "bitcoin:bcrt1q?amount=1&lightning=" + text}) {
    CAPTURE(pasted);
    CHECK(decode(world, pasted).body() == plain.body());
    const auto quote = world.post("/v1/withdrawals/quote", R"({"bolt11":")" + pasted + "\"}");
    CHECK(quote.number("amount_msat") == 21'000);
  }
}

TEST_CASE("what is pasted in place of an invoice is named, wherever an invoice is taken") {
  World world;
  world.bootstrap();
  const std::pair<const char*, const char*> kinds[] = {
      {"lno1qcp4256ypqpq", "offer_not_invoice"},
      {"user@example.com", "lightning_address_not_invoice"},
      {"LNURL1DP68GURN8GHJ7", "lnurl_not_invoice"},
      {"bitcoin:bc1qx", "bitcoin_address_not_invoice"},
  };
  for (const auto& [text, reason] : kinds) {
    CAPTURE(text);
    for (const auto* route : {"/v1/bolt11/decode", "/v1/withdrawals/quote", "/v1/sandbox/wallet/pay"}) {
      const auto refused = world.post(route, std::string(R"({"bolt11":")") + text + "\"}");
      CHECK(refused.error() == "400 bolt11_invalid");
      CHECK(refused.text("error.details.reason") == reason);
    }
  }
}

TEST_CASE("payable has its own codes") {
  World world;
  world.bootstrap();
  const auto with_expiry = [&](std::uint64_t seconds) {
    return invoice_of(world, [seconds](bolt11::Invoice& invoice) { invoice.expiry_s = seconds; });
  };
  CHECK(payable(decode(world, with_expiry(7 * 86'400))) == "true");
  CHECK(payable(decode(world, with_expiry(8 * 86'400))) == "bolt11_expiry_too_far");
  CHECK(payable(decode(world, with_expiry(0))) == "bolt11_expired");
  CHECK(payable(decode(world, invoice_of(world, [](bolt11::Invoice& invoice) { invoice.network = bolt11::Network::bitcoin; }))) ==
        "bolt11_network_mismatch");
  const auto charge = world.post("/v1/charges", R"({"amount_sats":21})");
  CHECK(payable(decode(world, charge.text("bolt11"))) == "self_payment");
}

TEST_CASE("a live key's invoices are of the live network") {
  World world;
  world.bootstrap();
  world.test_key = world.live_key;
  CHECK(payable(decode(world, invoice_of(world))) == "bolt11_network_mismatch");
  CHECK(payable(decode(world, invoice_of(world, [](bolt11::Invoice& invoice) { invoice.network = bolt11::Network::bitcoin; }))) ==
        "true");
}

TEST_CASE("warnings list what other nodes reject") {
  World world;
  world.bootstrap();
  CHECK(decode(world, invoice_of(world)).items("warnings") == 0);
  const auto warned = decode(world, invoice_of(world, [](bolt11::Invoice& invoice) { invoice.features = {8}; }));
  CHECK(warned.items("warnings") == 1);
  CHECK(warned.text("warnings.0.code") == "payment_secret_feature_missing");
}

}  // namespace lntpay::test::bolt11_test
