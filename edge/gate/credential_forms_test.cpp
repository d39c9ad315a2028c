// Credentials as deployed clients write them, alone and in mixtures: which pass, which are refused, and with which status.
#include <doctest/doctest.h>

#include "core/base/encoding.hpp"
#include "core/gate/credential.hpp"
#include "tests/support/gate_client.hpp"

namespace lntpay::test::credential_forms_test {
namespace {

/// A paid challenge of the gate, and its credentials in the forms that clients send.
struct Bought {
  explicit Bought(GateClient& client) : Bought(client.challenge(), client) {}
  Bought(const Reading& asked, GateClient& client)
      : token(between(offers(asked)[0], "token=\"", '"')),
        preimage(client.pay(asked.text("invoice"))),
        payment(payment_credential(offers(asked)[1], preimage)) {}

  [[nodiscard]] std::string l402(const std::string& scheme = "L402") const { return scheme + " " + token + ":" + preimage; }
  [[nodiscard]] Macaroon macaroon() const { return *Macaroon::parse(*base64_decode(Base64::standard, token)); }
  /// The token with a caveat that its holder added.
  [[nodiscard]] std::string with(const std::string& caveat) const {
    auto narrowed = macaroon();
    narrowed.add_caveat(caveat);
    return "L402 " + base64(Base64::standard, bytes_of(narrowed.binary())) + ":" + preimage;
  }
  [[nodiscard]] std::string hex_macaroon(const std::string& proof) const {
    auto complete = macaroon();
    complete.add_caveat("preimage=" + proof);
    return hex(bytes_of(complete.binary()));
  }

  std::string token;
  std::string preimage;
  std::string payment;
};

/// "passes", or the status.
std::string said(const Outcome& outcome) { return outcome.pass ? "passes" : std::to_string(status_of(outcome)); }

/// What the host forwards of these lines.
std::string forwarded(const Outcome& outcome) {
  std::string lines;
  for (const auto& [name, value] : outcome.pass.value().add) {
    if (!name.starts_with("lntpay-")) lines.append(name).append(": ").append(value).append("\n");
  }
  return lines;
}

}  // namespace

TEST_CASE("the same token on two lines, folded into one, or in both schemes passes") {
  GateClient client;
  const auto in = [](const Bought& bought, int form) -> Headers {
    switch (form) {
      case 0: return {{"authorization", bought.l402("LSAT")}, {"authorization", bought.l402()}};
      case 1: return {{"authorization", bought.l402() + ", " + bought.l402("LSAT")}};
      case 2: return {{"authorization", bought.l402() + "," + bought.l402("lsat")}};
      case 3: return {{"authorization", bought.l402()}, {"authorization", bought.payment}};
      case 4: return {{"authorization", bought.payment + ", " + bought.l402()}};
      case 5: return {{"authorization", "L402 " + bought.l402()}, {"authorization", bought.l402()}};
      case 6: return {{"macaroon", bought.hex_macaroon(bought.preimage)}};
      case 7: return {{"grpc-metadata-macaroon", bought.hex_macaroon(bought.preimage)}, {"authorization", bought.payment}};
      default: return {{"payment-authorization", bought.payment}};
    }
  };
  for (int form = 0; form <= 8; ++form) {
    CAPTURE(form);
    const Bought bought(client);
    const auto headers = in(bought, form);
    const auto passed = client.visit_with(headers);
    CHECK(said(passed) == "passes");
    if (passed.pass) CHECK(forwarded(passed).empty());
    client.redeemed(passed, 200);
    CHECK(said(client.visit_with(headers)) == "402");  // one use, in every form
    CHECK(said(client.visit_as(bought.payment)) == "402");
  }
}

TEST_CASE("credentials of different payments, or one that proves nothing, are refused with 401") {
  GateClient client;
  const Bought one(client), other(client);
  const auto wrong = "L402 " + one.token + ":" + std::string(64, '0');
  auto forged = one.l402();
  forged[90] = forged[90] == 'A' ? 'B' : 'A';  // in its token id
  for (const auto& mixture :
       {Headers{{"authorization", one.l402()}, {"authorization", other.l402()}},
        Headers{{"authorization", one.l402() + ", " + other.l402("LSAT")}},
        Headers{{"authorization", one.l402()}, {"authorization", other.payment}},
        Headers{{"authorization", one.l402()}, {"authorization", wrong}},
        Headers{{"authorization", one.l402()}, {"authorization", "L402 nonsense"}},
        Headers{{"authorization", one.l402()}, {"authorization", "Payment e30"}},
        Headers{{"authorization", one.l402()}, {"authorization", one.with("valid_until=1893456000")}},
        Headers{{"authorization", one.l402()}, {"macaroon", other.hex_macaroon(other.preimage)}}, Headers{{"authorization", wrong}},
        Headers{{"authorization", forged}}, Headers{{"macaroon", one.hex_macaroon(std::string(64, '0'))}},
        Headers{{"macaroon", hex(bytes_of(one.macaroon().binary()))}},  // no preimage
        Headers{{"authorization", "L402 " + one.token + "," + one.token + ":" + one.preimage}}}) {
    CAPTURE(mixture.back().value);
    const auto refused = client.visit_with(mixture);
    CHECK(said(refused) == "401");
    if (refused.response) CHECK(offers(Reading{*refused.response}).size() == 2);
  }
  CHECK(said(client.visit_as(one.l402())) == "passes");
  CHECK(said(client.visit_as(other.payment)) == "passes");
}

TEST_CASE("a caveat with the preimage must be the preimage") {
  GateClient client;
  const Bought bought(client);
  CHECK(said(client.visit_as(bought.with("preimage=" + std::string(64, '0')))) == "401");
  CHECK(said(client.visit_as(bought.with("preimage="))) == "401");
  CHECK(said(client.visit_as(bought.with("preimag=" + bought.preimage))) == "401");
  CHECK(said(client.visit_as(bought.with("preimage=" + bought.preimage))) == "passes");
}

TEST_CASE("a credential that proves a payment and opens nothing here gets a fresh challenge") {
  GateClient client;
  const Bought bought(client);
  CHECK(said(client.visit_as(bought.l402(), "GET", "/reports/8")) == "402");
  client.redeemed(client.visit_as(bought.l402()), 200);
  const auto spent = Reading{*client.visit_as(bought.l402()).response};
  CHECK(spent.status() == 402);
  CHECK(spent.text("code") == "payment_required");
  CHECK(spent.text("type") == "https://paymentauth.org/problems/payment-required");
  const Bought again(spent, client);
  CHECK(said(client.visit_as(again.l402())) == "passes");
  const Bought old(client);
  client.pass(minutes(70));
  CHECK(said(client.visit_as(old.l402())) == "402");
  CHECK(said(client.visit_as(old.payment)) == "402");
}

TEST_CASE("a token of another gate counts as none, also beside one of this gate") {
  GateClient client;
  const auto first = client.gate;
  const Bought theirs(client);
  client.gate = client.post("/v1/gates", one_report).text("id");
  for (const auto& credential : {theirs.l402(), theirs.payment, "L402 " + theirs.token + ":" + std::string(64, '0'),
                                 "L402 " + theirs.token + ":beef", "L402 " + theirs.token}) {
    CHECK(said(client.visit_as(credential)) == "402");
  }
  // Of another product: an identifier in another format, or no gate in its caveats.
  auto foreign = Macaroon::mint(bytes_of("a key"), "elsewhere", token_identifier(Bytes32{1}, Bytes32{2}));
  CHECK(said(client.visit_as("L402 " + base64(Base64::standard, bytes_of(foreign.binary())) + ":" + theirs.preimage)) == "402");
  foreign = Macaroon::mint(bytes_of("a key"), "lnd", "0");
  CHECK(said(client.visit_as("L402 " + base64(Base64::standard, bytes_of(foreign.binary())) + ":" + theirs.preimage)) == "402");
  foreign.add_caveat("gate=" + client.gate);
  CHECK(said(client.visit_as("L402 " + base64(Base64::standard, bytes_of(foreign.binary())) + ":" + theirs.preimage)) == "402");

  const Bought ours(client);
  CHECK(said(client.visit_with({{"authorization", theirs.l402()}, {"authorization", ours.l402()}})) == "passes");
  client.gate = first;
  CHECK(said(client.visit_as(theirs.l402())) == "passes");
}

TEST_CASE("what is read as a credential is not forwarded, and everything else is") {
  GateClient client(R"({"price_sats":1,"match":{"method":"*","path":"/*"},"mode":"pass","uses":100})");
  const Bought bought(client);
  const auto rest = [&](Headers headers) {
    const auto passed = client.visit_with(std::move(headers));
    REQUIRE(passed.pass.has_value());
    return forwarded(passed);
  };
  CHECK(rest({{"authorization", "Bearer key"}, {"authorization", bought.l402()}}) == "authorization: Bearer key\n");
  CHECK(rest({{"authorization", bought.l402() + ", Bearer key"}}) == "authorization: Bearer key\n");
  CHECK(rest({{"authorization", "Basic dTpw, " + bought.l402() + ", " + bought.l402("LSAT")}}) == "authorization: Basic dTpw\n");
  CHECK(rest({{"authorization", bought.l402()}, {"cookie", "a=1; lntpay_gate_x=2; b=3"}}) == "cookie: a=1; b=3\n");
  CHECK(rest({{"authorization", bought.l402()}, {"cookie", "lntpay_gate_x=2"}}).empty());
  // A comma within parameters of a scheme does not end it.
  const std::string digest = R"(Digest username="a", nonce="b, L402c", uri="/")";
  CHECK(rest({{"authorization", digest}, {"authorization", bought.l402()}}) == "authorization: " + digest + "\n");
  // The service has its own Authorization, and its own macaroons.
  CHECK(rest({{"authorization", "Bearer key"}, {"payment-authorization", bought.payment}}) == "authorization: Bearer key\n");
  CHECK(rest({{"authorization", "L402 theirs"}, {"payment-authorization", bought.payment}}) == "authorization: L402 theirs\n");
  const auto lnd = hex(bytes_of(Macaroon::mint(bytes_of("a key"), "lnd", "0").binary()));
  CHECK(rest({{"grpc-metadata-macaroon", lnd}, {"authorization", bought.l402()}}) == "grpc-metadata-macaroon: " + lnd + "\n");
  // A client's own receipt, and its own names of a redemption.
  const auto passed = client.visit_with({{"authorization", bought.l402()}, {"payment-receipt", "mine"}});
  CHECK(forwarded(passed).empty());
  for (const auto* name :
       {"authorization", "payment-authorization", "macaroon", "grpc-metadata-macaroon", "cookie", "payment-receipt"})
    CHECK(std::ranges::contains(passed.pass->remove, name));
}

}  // namespace lntpay::test::credential_forms_test
