// What the responses of an LNURL service must have.
#include "core/lightning/lnurl/pay_request.hpp"

#include <doctest/doctest.h>

#include "core/crypto/sha256.hpp"

namespace lntpay::lnurl::pay_request_test {
namespace {

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
  CHECK(problem_of("{\"status\":\"ERROR\",\"reason\":\"a\u202eb\u2067c\u200fd\u2065\"}") == "its service answers: abcd\u2065");
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

}  // namespace lntpay::lnurl::pay_request_test
