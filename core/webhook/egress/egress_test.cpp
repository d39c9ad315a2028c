// Egress rules: addresses, URLs, connections.
#include "core/webhook/egress/egress.hpp"

#include <doctest/doctest.h>

#include "core/webhook/egress/address_class.hpp"

namespace lntpay::egress_test {
namespace {

AddressClass class_of(std::string_view text) {
  const auto address = parse_ip(text);
  REQUIRE_MESSAGE(address.has_value(), text);
  return classify(*address);
}

Egress loopback_allowed() { return {.allow_loopback = true, .allow = {}}; }

bool connects(const Settings& settings, std::string_view url, std::vector<std::string> addresses) {
  return may_connect(settings, url, addresses).has_value();
}

}  // namespace

TEST_CASE("short, octal, hex and padded addresses are rejected") {
  for (const auto* text :
       {"", "1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.0.0.01", "1.2.3.4.", ".1.2.3.4", "1.2.3.256",
        "1.2.3.4.5", "1..2.3", " 1.2.3.4", "1.2.3.4 ", "+1.2.3.4", "1.2.3.-4", "1234.1.1.1"}) {
    CHECK_MESSAGE(!parse_ip(text), text);
  }
  for (const auto* text :
       {":", "::1%eth0", "1::2::3", ":::", "12345::", "::g", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8", "::1.2.3",
        "::1.2.3.4:5", "1.2.3.4::", "[::1]", "::ffff:127.1", "1:2:3:4:5:6:7:1.2.3.4"}) {
    CHECK_MESSAGE(!parse_ip(text), text);
  }
  CHECK(parse_ip("::ffff:1.2.3.4") == parse_ip("1.2.3.4"));
  CHECK(parse_ip("1:2:3:4:5:6:7:8").has_value());
  CHECK(parse_ip("1:2:3:4:5:6:1.2.3.4") == parse_ip("1:2:3:4:5:6:102:304"));
  CHECK(parse_ip("1::") == parse_ip("1:0:0:0:0:0:0:0"));
  CHECK(parse_ip("2001:DB8::A") == parse_ip("2001:db8::a"));
}

TEST_CASE("only globally reachable addresses are global") {
  for (const auto* text : {"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0",
                           "223.255.255.255", "2606:4700:4700::1111", "2001:200::", "2000::1", "3ffe:ffff::", "::ffff:8.8.8.8"}) {
    CHECK_MESSAGE(class_of(text) == AddressClass::global, text);
  }
  for (const auto* text : {"0.0.0.0",
                           "10.1.2.3",
                           "100.64.0.0",
                           "169.254.169.254",
                           "172.16.0.0",
                           "172.31.255.255",
                           "192.168.1.1",
                           "198.19.255.255",
                           "224.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::2",
                           "fe80::1",
                           "fd00::1",
                           "ff02::1",
                           "64:ff9b::a9fe:a9fe",
                           "2002:a9fe:a9fe::1",
                           "2001::1",
                           "2001:db8::1",
                           "3fff::1",
                           "4000::1",
                           "::ffff:10.0.0.1",
                           "::ffff:0:1.2.3.4",
                           "::7f00:1"}) {
    CHECK_MESSAGE(class_of(text) == AddressClass::internal, text);
  }
  for (const auto* text : {"127.0.0.1", "127.255.255.255", "::1", "::ffff:127.0.0.1"}) {
    CHECK_MESSAGE(class_of(text) == AddressClass::loopback, text);
  }
}

TEST_CASE("a URL is parsed into its parts") {
  const auto url = parse_url("HTTPS://Hooks.Example.com:8443?x=1");
  REQUIRE(url.has_value());
  CHECK(url->secure);
  CHECK(url->host == "hooks.example.com");
  CHECK(url->port == 8443);
  CHECK(url->path == "/?x=1");
  const auto v6 = parse_url("http://[::1]:9/a/b");
  REQUIRE(v6.has_value());
  CHECK(v6->host == "::1");
  CHECK(v6->port == 9);
  CHECK(v6->path == "/a/b");
  CHECK(parse_url("https://example.com")->path == "/");
}

TEST_CASE("a public https URL is allowed in either environment") {
  for (const auto environment : {Environment::test, Environment::live}) {
    for (const auto* url : {"https://example.com/", "https://example.com:8443/h?x=1", "https://example.com:1024/",
                            "https://xn--mnchen-3ya.example.com/h", "https://93.184.216.34/h", "https://[2606:4700:4700::1111]/h",
                            "https://example.com/a@b:c"}) {
      CHECK_MESSAGE(check_egress_url(url, {}, environment).has_value(), url);
    }
  }
}

TEST_CASE("a URL that parsers read differently is rejected") {
  for (const auto* url : {"https://127.0.0.1./",
                          "https://example.com./",
                          "https://0x7f.1/",
                          "https://example.0x/",
                          "https://1.2.3/",
                          "https://%31.com/",
                          "https://user@example.com/",
                          "https://a:b@example.com/",
                          "https://example.com#@b/",
                          "https://example.com\\@b/",
                          "https://[::1/",
                          "https://[::1]x/",
                          "https://[1.2.3.4]/",
                          "https://exa mple.com/",
                          "https://example.com/\r\nX: 1",
                          "https:///a",
                          "https:example.com",
                          "//example.com/",
                          "ftp://example.com/",
                          "https://example.com:/",
                          "https://example.com:080/",
                          "https://example.com:65536/",
                          "https://example.com:+80/",
                          "https://-a.example.com/",
                          "https://a..example.com/",
                          "https://\xef\xbc\x91.com/",
                          ""}) {
    CHECK_MESSAGE(!check_egress_url(url, {}, Environment::test).has_value(), url);
  }
  CHECK_FALSE(check_egress_url("https://example.com/" + std::string(2'029, 'a'), {}, Environment::test).has_value());
  CHECK(check_egress_url("https://example.com/" + std::string(2'028, 'a'), {}, Environment::test).has_value());
}

TEST_CASE("plain http, low ports and internal names are rejected") {
  for (const auto* url : {"http://example.com/", "https://example.com:22/", "https://example.com:1023/", "https://example.com:80/",
                          "https://db/", "https://a.localhost/", "https://printer.local/", "https://metadata.google.internal/",
                          "https://10.0.0.1/", "https://[fd00::1]/"}) {
    for (const auto environment : {Environment::test, Environment::live}) {
      CHECK_MESSAGE(!check_egress_url(url, loopback_allowed(), environment).has_value(), url);
    }
  }
}

TEST_CASE("loopback needs a test endpoint and the operator's setting") {
  for (const auto* url : {"http://127.0.0.1:8080/h", "http://localhost/h", "https://LOCALHOST:22/", "http://[::1]:9999/"}) {
    CHECK_MESSAGE(check_egress_url(url, loopback_allowed(), Environment::test).has_value(), url);
    CHECK_MESSAGE(!check_egress_url(url, loopback_allowed(), Environment::live).has_value(), url);
    CHECK_MESSAGE(!check_egress_url(url, {}, Environment::test).has_value(), url);
  }
}

TEST_CASE("with an allow list only its hosts are allowed") {
  const Egress egress{.mode = EgressMode::allowlist, .allow = {"hooks.example.com"}};
  CHECK(check_egress_url("https://Hooks.example.com/x", egress, Environment::live).has_value());
  CHECK_FALSE(check_egress_url("https://example.com/x", egress, Environment::live).has_value());
  CHECK_FALSE(check_egress_url("http://hooks.example.com/x", egress, Environment::live).has_value());
}

TEST_CASE("a connection needs every resolved address to be allowed") {
  Settings settings;
  CHECK(connects(settings, "https://example.com/", {"93.184.216.34"}));
  CHECK(connects(settings, "https://example.com/", {"93.184.216.34", "2606:4700::1"}));
  CHECK_FALSE(connects(settings, "https://example.com/", {"93.184.216.34", "10.0.0.5"}));
  CHECK_FALSE(connects(settings, "https://example.com/", {"93.184.216.34", "fd00::1"}));
  CHECK_FALSE(connects(settings, "https://example.com/", {"fe80::1%eth0"}));
  CHECK_FALSE(connects(settings, "https://example.com/", {"93.184.216.34", ""}));
  CHECK_FALSE(connects(settings, "https://example.com/", {}));
  CHECK_FALSE(connects(settings, "http://127.0.0.1/", {"127.0.0.1"}));
}

TEST_CASE("a private name and a name that is not found get the same error") {
  for (const bool allow_loopback : {false, true}) {
    Settings settings;
    settings.egress.allow_loopback = allow_loopback;
    for (const auto& addresses : std::vector<std::vector<std::string>>{{},
                                                                       {"10.0.0.5"},
                                                                       {"127.0.0.1"},
                                                                       {"::1"},
                                                                       {"fd00::1"},
                                                                       {"169.254.169.254"},
                                                                       {"93.184.216.34", "10.0.0.5"},
                                                                       {"fe80::1%eth0"}}) {
      const auto allowed = may_connect(settings, "https://db.example.com/", addresses);
      REQUIRE_FALSE(allowed.has_value());
      CHECK(allowed.error() == unusable_name);
    }
  }
}

TEST_CASE("a URL that is refused without resolving its name has its own error") {
  CHECK(may_connect({}, "https://10.0.0.1/", {}).error() == "the address is not publicly routable");
  CHECK(may_connect({}, "http://example.com/", {}).error() == "the URL must start with https://");
  CHECK(may_connect({}, "https://db.internal/", {}).error() == "names that end in .internal are internal");
}

TEST_CASE("where loopback is allowed, only loopback hosts may resolve to it") {
  Settings settings;
  settings.egress.allow_loopback = true;
  CHECK(connects(settings, "http://localhost:8080/", {"127.0.0.1", "::1"}));
  CHECK_FALSE(connects(settings, "http://localhost:8080/", {"127.0.0.1", "10.0.0.1"}));
  CHECK_FALSE(connects(settings, "https://rebind.example.com/", {"127.0.0.1"}));
}

}  // namespace lntpay::egress_test
