// Well-formed invoices that are not payable, and the order of the checks.
#include "core/lightning/bolt11/payable.hpp"

#include <doctest/doctest.h>

#include <string>

namespace payable_test {
using namespace lntpay;
using namespace lntpay::bolt11;

namespace {

constexpr std::uint64_t made_at_s = 1'700'000'000;

Invoice invoice_for(std::optional<std::uint64_t> expiry_s) {
  Invoice invoice;
  invoice.timestamp_s = made_at_s;
  invoice.expiry_s = expiry_s;
  invoice.payee.bytes[0] = 2;
  return invoice;
}

std::string payability(const Invoice& invoice, std::uint64_t now_s, const PayerRules& rules = {}) {
  const auto verdict = payable(invoice, {now_s * 1'000}, rules);
  return verdict ? "payable" : std::string{info(verdict.error()).name};
}

}  // namespace

TEST_CASE("an invoice is payable until its expiry") {
  CHECK(payability(invoice_for(60), made_at_s) == "payable");
  CHECK(payability(invoice_for(60), made_at_s + 59) == "payable");
  CHECK(payability(invoice_for(60), made_at_s + 60) == "bolt11_expired");
  CHECK(payability(invoice_for(0), made_at_s) == "bolt11_expired");
}

TEST_CASE("the default expiry is one hour") {
  CHECK(payability(invoice_for(std::nullopt), made_at_s + 3'599) == "payable");
  CHECK(payability(invoice_for(std::nullopt), made_at_s + 3'600) == "bolt11_expired");
}

TEST_CASE("an invoice that expires more than a week ahead is not payable") {
  constexpr std::uint64_t week_s = 7 * 86'400;
  CHECK(payability(invoice_for(week_s), made_at_s) == "payable");
  CHECK(payability(invoice_for(week_s + 1), made_at_s) == "bolt11_expiry_too_far");
  CHECK(payability(invoice_for(week_s + 1), made_at_s + 1) == "payable");
  CHECK(payability(invoice_for(expiry_s_max), made_at_s) == "bolt11_expiry_too_far");
  CHECK(payability(invoice_for(60), made_at_s - week_s) == "bolt11_expiry_too_far");  // from a payee whose clock is ahead
}

TEST_CASE("another network is checked first") {
  auto invoice = invoice_for(60);
  invoice.network = bolt11::Network::regtest;
  CHECK(payability(invoice, made_at_s) == "bolt11_network_mismatch");
  CHECK(payability(invoice, made_at_s + 100) == "bolt11_network_mismatch");
  CHECK(payability(invoice, made_at_s, {.network = bolt11::Network::regtest, .own_node = std::nullopt}) == "payable");
}

TEST_CASE("an invoice of the own node is not payable") {
  const auto invoice = invoice_for(60);
  CHECK(payability(invoice, made_at_s, {.own_node = invoice.payee}) == "self_payment");
  CHECK(payability(invoice, made_at_s, {.own_node = PublicKey{}}) == "payable");
}

}  // namespace payable_test
