// What people paste: the invoice in it, or the kind of what it is.
#include "core/lightning/bolt11/pasted.hpp"

#include <doctest/doctest.h>

#include <string>

namespace pasted_test {
using namespace lntpay;
using namespace lntpay::bolt11;

namespace {

/// The invoice, or the reason in brackets.
std::string pasted(std::string_view text) {
  const auto invoice = pasted_invoice(text);
  return invoice ? std::string(*invoice) : "[" + std::string(name(invoice.error().reason)) + "]";
}

}  // namespace

TEST_CASE("white space around an invoice is removed, inside it stays") {
  for (const auto* text : {"lnbc1x", "lnbc1x\n", " lnbc1x", "lnbc1x \t\n", "\r\n\v\flnbc1x\r\n"}) CHECK(pasted(text) == "lnbc1x");
  CHECK(pasted("lnbc1 x") == "lnbc1 x");
  CHECK(pasted("").empty());
  CHECK(pasted(" \n").empty());
}

TEST_CASE("lightning: is removed in any case, once") {
  for (const auto* text : {"lightning:lnbc1x", "LIGHTNING:lnbc1x", "Lightning:lnbc1x", " lightning://lnbc1x\n"}) {
    CHECK(pasted(text) == "lnbc1x");
  }
  CHECK(pasted("lightning:lightning:lnbc1x") == "lightning:lnbc1x");
}

TEST_CASE("the invoice of a bitcoin: link is found") {
  CHECK(pasted("bitcoin:bc1qx?lightning=lnbc1x") == "lnbc1x");
  CHECK(pasted("bitcoin:bc1qx?amount=0.01&label=Tea&lightning=lnbc1x&time=1") == "lnbc1x");
  CHECK(pasted("BITCOIN:BC1QX?AMOUNT=0.01&LIGHTNING=LNBC1X") == "LNBC1X");
  CHECK(pasted("bitcoin:?lightning=lnbc1x#shop") == "lnbc1x");
  CHECK(pasted("bitcoin:bc1qx?lno=lno1x&lightning=lnbc1x") == "lnbc1x");
  CHECK(pasted("bitcoin:bc1qx?notlightning=lnbc1y&lightning=lnbc1x") == "lnbc1x");
}

TEST_CASE("a bitcoin: link without an invoice is named") {
  CHECK(pasted("bitcoin:bc1qx") == "[bitcoin_address_not_invoice]");
  CHECK(pasted("bitcoin:bc1qx?amount=1&lightning=") == "[bitcoin_address_not_invoice]");
  CHECK(pasted("bitcoin:bc1qx?lno=lno1x") == "[offer_not_invoice]");
  CHECK(pasted("bitcoin:bc1qx?lightning=LNURL1X") == "[lnurl_not_invoice]");
}

TEST_CASE("an offer, an LNURL and a Lightning address are named") {
  for (const auto* text : {"lno1qcp4256ypqpq", "LNO1QCP4256YPQPQ", "lightning:lno1qcp4256ypqpq\n"}) {
    CHECK(pasted(text) == "[offer_not_invoice]");
  }
  for (const auto* text :
       {"LNURL1DP68GURN8GHJ7", "lightning:lnurl1dp68gurn8ghj7", "lnurlp://shop.example/pay", "LNURLW://shop.example",
        "keyauth://shop.example?tag=login", "https://shop.example/x?lightning=LNURL1DP68GURN8GHJ7"}) {
    CHECK(pasted(text) == "[lnurl_not_invoice]");
  }
  for (const auto* text : {"user@example.com", " User@Example.com ", "lightning:user@example.com", "a@localhost:8080"}) {
    CHECK(pasted(text) == "[lightning_address_not_invoice]");
  }
}

TEST_CASE("other texts are left to the decoder") {
  for (const auto* text :
       {"lnbc1x@", "@example.com", "https://user@example.com/", "https://shop.example/x?lightning=lnbc1x", "lnurl", "lno", "q"}) {
    CHECK(pasted(text) == text);
  }
}

}  // namespace pasted_test
