// The forms of a destination, and texts that name no payee.
#include "core/lightning/lnurl/destination.hpp"

#include <doctest/doctest.h>

namespace lntpay::lnurl::destination_test {
namespace {

std::string url_of(std::string_view destination) {
  const auto url = pay_request_url(destination);
  return url ? *url : "error: " + url.error();
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

}  // namespace lntpay::lnurl::destination_test
