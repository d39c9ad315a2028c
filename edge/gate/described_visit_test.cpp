// The requests that services describe to `verify`: header lines, clients, queries, and how long to wait.
#include <doctest/doctest.h>

#include "core/base/encoding.hpp"
#include "core/gate/credential.hpp"
#include "tests/support/gate_client.hpp"

namespace lntpay::test::described_visit_test {
namespace {

Reading verify_with(GateClient& client, const std::string& members) {
  return client.post("/v1/gates/" + client.gate + "/verify", R"({"path":"/reports/7",)" + members + "}");
}

/// "allowed", or the status.
std::string said(const Reading& answer) {
  if (answer.status() != 200) return answer.error();
  return answer.body().contains(R"("allowed":true)") ? "allowed" : std::to_string(answer.number("status"));
}

}  // namespace

TEST_CASE("verify reads every header line that a gate reads") {
  GateClient client;
  for (int form = 0; form < 7; ++form) {
    CAPTURE(form);
    const auto asked = client.challenge();
    const auto preimage = client.pay(asked.text("invoice"));
    const auto token = between(offers(asked)[0], "token=\"", '"');
    const auto l402 = "L402 " + token + ":" + preimage;
    const auto payment = payment_credential(offers(asked)[1], preimage);
    auto macaroon = *Macaroon::parse(*base64_decode(Base64::standard, token));
    macaroon.add_caveat("preimage=" + preimage);
    const auto in_hex = hex(bytes_of(macaroon.binary()));
    const std::string headers[] = {
        R"({"authorization":")" + l402 + R"("})",
        R"({"Authorization":["Bearer theirs",")" + l402 + R"("],"accept":"text/html"})",
        R"({"payment-authorization":")" + payment + R"(","authorization":"L402 the:services"})",
        R"({"Macaroon":")" + in_hex + R"("})",
        R"({"GRPC-Metadata-Macaroon":[")" + in_hex + R"("]})",
        R"({"authorization":["LSAT )" + token + ":" + preimage + R"(",")" + payment + R"("]})",
        R"({"x-other":7,"cookie":[],"macaroon":")" + in_hex + R"("})",
    };
    CHECK(said(verify_with(client, R"("headers":)" + headers[form])) == "allowed");
    CHECK(said(verify_with(client, R"("headers":)" + headers[form])) == "409");
    CHECK(said(verify_with(client, R"("authorization":")" + l402 + "\"")) == "409");
  }
  CHECK(said(verify_with(client, R"("headers":{})")) == "402");
  CHECK(said(verify_with(client, R"("headers":{"authorization":"Bearer x"})")) == "402");
  CHECK(said(verify_with(client, R"("headers":{"authorization":"L402 nonsense"})")) == "401");
  for (const auto* wrong : {R"("headers":{"authorization":7})", R"("headers":{"macaroon":[["a"]]})", R"("headers":[])"})
    CHECK(verify_with(client, wrong).text("error.param") == "headers");
}

TEST_CASE("verify reads a browser's cookie") {
  GateClient client;
  const Headers browser{{"x-forwarded-method", "GET"}, {"x-forwarded-uri", "/reports/7"}, {"accept", "text/html"}};
  const auto page = client.request("GET", "/gate/" + client.gate + "/challenge", {}, browser);
  client.pay(between(page.body(), "href=\"lightning:", '"'));
  const auto set = page.header("set-cookie");
  CHECK(said(verify_with(client, R"("headers":{"cookie":"a=1; )" + set.substr(0, set.find(';')) + "\"}")) == "allowed");
}

TEST_CASE("a use that is being served comes with the seconds to wait") {
  GateClient client;
  const auto credential = client.buy();
  CHECK_FALSE(client.verify(credential).body().contains("retry_after_seconds"));
  client.pass(seconds(30));
  const auto busy = client.verify(credential);
  CHECK(busy.number("status") == 409);
  CHECK(busy.number("retry_after_seconds") == 90);
  CHECK_FALSE(client.verify("").body().contains("retry_after_seconds"));
}

TEST_CASE("a client that a service names by its IPv6 address is its /64, within its /48") {
  GateClient client(R"({"price_sats":5,"match":{"method":"GET","path":"/*"}})");
  const auto made_by = [&](auto name) {
    int made = 0;
    const auto from = [&](const std::string& who) {
      return client.post("/v1/gates/" + client.gate + "/challenge", R"({"path":"/a","client":")" + who + "\"}").status();
    };
    for (int i = 0; i < 110 && from(name(i)) == 201; ++i) ++made;
    return made;
  };
  CHECK(made_by([](int i) { return "2001:db8:1:2::" + std::to_string(i); }) == 20);
  CHECK(made_by([](int) { return std::string("192.0.2.7"); }) == 20);
  CHECK(made_by([](int) { return std::string("::ffff:192.0.2.7"); }) == 20);
  CHECK(made_by([](int i) { return "user " + std::to_string(i); }) == 40);  // the rest of the gate's
}

TEST_CASE("verify counts a repeat by the query of the path") {
  GateClient client(R"({"price_sats":5,"match":{"method":"GET","path":"/reports/*"},"repeat_seconds":30})");
  const auto ask = [&client, credential = client.buy()](const std::string& path) {
    return client.post("/v1/gates/" + client.gate + "/verify",
                       R"({"path":")" + path + R"(","authorization":")" + credential + "\"}");
  };
  const auto id = ask("/reports/7?page=1").text("redemption_id");
  client.post("/v1/redemptions/" + id + "/commit", R"({"reservation":1})");
  CHECK(said(ask("/reports/7?page=2")) == "402");
  CHECK(ask("/reports/7?page=1").text("redemption_id") == id);
}

}  // namespace lntpay::test::described_visit_test
