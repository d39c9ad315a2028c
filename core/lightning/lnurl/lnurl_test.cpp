// LNURL-pay from the payer's side: the forms of a destination, and what the responses of a service must have.
#include <doctest/doctest.h>

#include "core/crypto/sha256.hpp"
#include "core/lightning/lnurl/destination.hpp"
#include "core/lightning/lnurl/pay_request.hpp"

namespace lntpay::lnurl::lnurl_test {
namespace {

std::string url_of(std::string_view destination) {
  const auto url = pay_request_url(destination);
  return url ? *url : "error: " + url.error();
}

constexpr std::string_view good =
    R"({"tag":"payRequest","callback":"https://pay.example.com/cb?id=7","minSendable":1000,"maxSendable":50000000,)"
    R"("metadata":"[[\"text/plain\",\"Tips for Ann\"],[\"image/png;base64\",\"AA==\"]]","commentAllowed":5})";

std::string problem_of(std::string_view body) {
  const auto read = read_pay_request(body);
  return read ? "none" : read.error();
}

std::string with(std::string_view from, std::string_view to) {
  std::string body(good);
  const auto at = body.find(from);
  REQUIRE(at != std::string::npos);
  return body.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a destination is a Lightning address, an LNURL or a link") {
  CHECK(url_of("ann@pay.example.com") == "https://pay.example.com/.well-known/lnurlp/ann");
  CHECK(url_of(" lightning:Ann+Tips@Pay.Example.com ") == "https://pay.example.com/.well-known/lnurlp/ann+tips");
  CHECK(url_of("ann@pay.example.com:8443") == "https://pay.example.com:8443/.well-known/lnurlp/ann");
  CHECK(url_of("ann@127.0.0.1:8402") == "http://127.0.0.1:8402/.well-known/lnurlp/ann");
  CHECK(url_of("lnurlp://pay.example.com/p/Ann?x=1") == "https://pay.example.com/p/Ann?x=1");
  CHECK(url_of("https://pay.example.com/p/Ann") == "https://pay.example.com/p/Ann");
  // LUD-01's example, in both cases and as a link.
  const std::string lnurl =
      "LNURL1DP68GURN8GHJ7UM9WFMXJCM99E3K7MF0V9CXJ0M385EKVCENXC6R2C35XVUKXEFCV5MKVV34X5EKZD3EV56NYD3HXQURZEPEXEJXXEPNXSCRVWFNV9NXZC"
      "N9X"
      "Q6XYEFHVGCXXCMYXYMNSERXFQ5FNS";
  const std::string decoded = "https://service.com/api?q=3fc3645b439ce8e7f2553a69e5267081d96dcd340693afabe04be7b0ccd178df";
  CHECK(url_of(lnurl) == decoded);
  CHECK(url_of("lightning:" + lnurl) == decoded);
}

TEST_CASE("a text that names no payee is refused with the reason") {
  for (const auto* bad : {"", "ann", "lnbc1pvjluez", "ann@", "@pay.example.com", "an n@pay.example.com", "ann@pay.example.com/x",
                          "ann@b@pay.example.com", "ann@pay.example.com?x=1", "lnurl1dp68gurn8ghj7um9wfmxjcm99e3k7mf0v9cxj0m385ekv",
                          "ftp://pay.example.com/p", "keysend:02abc"}) {
    CAPTURE(bad);
    CHECK(url_of(bad).starts_with("error: it is n"));
  }
}

TEST_CASE("a payRequest has all that a payment needs") {
  const auto read = read_pay_request(good);
  REQUIRE(read.has_value());
  CHECK(read->metadata == R"([["text/plain","Tips for Ann"],["image/png;base64","AA=="]])");
  CHECK(accepts(*read, Msat{1'000}, "").has_value());
  CHECK(accepts(*read, Msat{50'000'000}, "élan!").has_value());
  CHECK(accepts(*read, Msat{999}, "").error() == "it takes 1000 to 50000000 msat");
  CHECK(accepts(*read, Msat{50'000'001}, "").error() == "it takes 1000 to 50000000 msat");
  CHECK(accepts(*read, Msat{1'000}, "thanks").error() == "it takes comments of at most 5 characters");
  CHECK(invoice_url(*read, Msat{2'100}, "a&b é") == "https://pay.example.com/cb?id=7&amount=2100&comment=a%26b%20%C3%A9");
  CHECK(invoice_url({.callback = "https://a.example/cb"}, Msat{1}, "") == "https://a.example/cb?amount=1");
}

TEST_CASE("a response that is no payRequest is refused with the reason") {
  CHECK(problem_of("<html>") == "its response is not JSON");
  CHECK(problem_of("[]") == "its response is not JSON");
  CHECK(problem_of("{\"status\":\"ERROR\",\"reason\":\"closed\\ntoday\"}") == "its service answers: closed today");
  CHECK(problem_of(R"({"status":"ERROR"})") == "its service answers: no reason");
  CHECK(problem_of(R"({"status":"ERROR","reason":")" + std::string(5'000, 'x') + R"("})").size() < 250);
  CHECK(problem_of(with("payRequest", "withdrawRequest")).contains("tag payRequest"));
  for (const auto& [from, to] : std::initializer_list<std::pair<const char*, const char*>>{
           {"callback", "callbag"}, {"minSendable", "min"}, {"50000000", "-1"}, {"50000000", "999"}, {"1000,", "1e3,"}})
    CHECK(problem_of(with(from, to)).starts_with("its response lacks"));
  CHECK(problem_of(with("text/plain", "text/html")).starts_with("its metadata"));
  CHECK(problem_of(with("image/png;base64", "text/plain")).starts_with("its metadata"));
}

TEST_CASE("an invoice has the amount that was asked for, and the hash of what the payer was shown") {
  const auto request = read_pay_request(good);
  REQUIRE(request.has_value());
  bolt11::Invoice invoice{.amount = Msat{2'100}};
  invoice.description = bolt11::DescriptionHash{sha256(bytes_of(request->metadata))};
  CHECK(check_invoice(invoice, *request, Msat{2'100}).has_value());
  CHECK(check_invoice(invoice, *request, Msat{2'101}).error().contains("another amount"));
  invoice.amount = std::nullopt;
  CHECK(check_invoice(invoice, *request, Msat{2'100}).error().contains("another amount"));
  invoice.amount = Msat{2'100};
  invoice.description = "Tips for Ann";
  CHECK(check_invoice(invoice, *request, Msat{2'100}).error().contains("not bound"));
  CHECK(read_invoice(R"({"pr":"lnbc1","routes":[]})") == "lnbc1");
  CHECK(read_invoice(R"({"pr":""})").error() == "its service returned no invoice");
  CHECK(read_invoice(R"({"status":"ERROR","reason":"too much"})").error() == "its service answers: too much");
}

}  // namespace lntpay::lnurl::lnurl_test
