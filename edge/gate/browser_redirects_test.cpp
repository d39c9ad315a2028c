// Browsers that a service redirects within its gate: the payment goes with them, in a jar that keeps to the Path of cookies.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/gate_client.hpp"

namespace lntpay::test::browser_redirects_test {
namespace {

/// A browser at a host: it accepts HTML, and sends a cookie where its Path allows (RFC 6265, section 5.1.4).
struct PathBrowser : GateClient {
  struct Cookie {
    std::string name;
    std::string path;
    std::string value;
  };

  using GateClient::GateClient;

  static bool is_sent_to(const Cookie& cookie, const std::string& path) {
    if (path == cookie.path || cookie.path == "/") return true;
    return path.starts_with(cookie.path + "/");
  }
  /// Stores and deletes cookies as the response has it. Yields how many lines it had.
  int receive(const Headers& headers) {
    int lines = 0;
    for (const auto& [name, value] : headers) {
      if (name != "set-cookie") continue;
      ++lines;
      const auto equals = value.find('=');
      const Cookie cookie{value.substr(0, equals), between(value + ";", "; Path=", ';'),
                          value.substr(equals + 1, value.find(';') - equals - 1)};
      std::erase_if(jar, [&](const Cookie& each) { return each.name == cookie.name && each.path == cookie.path; });
      if (!value.contains("; Max-Age=0")) jar.push_back(cookie);
    }
    return lines;
  }
  [[nodiscard]] std::string cookies_for(const std::string& path) const {
    std::string line = "other=1";
    for (const auto& each : jar) {
      if (is_sent_to(each, path)) line.append("; ").append(each.name).append("=").append(each.value);
    }
    return line;
  }

  /// Asks the gate about the path.
  Outcome load(const std::string& path, Headers more = {}) {
    more.push_back({"accept", "text/html,*/*;q=0.8"});
    more.push_back({"cookie", cookies_for(path.substr(0, path.find('?')))});
    auto outcome = visit_with(std::move(more), "GET", path);
    if (outcome.response) receive(outcome.response->headers);
    return outcome;
  }
  void pay_for(const std::string& path) {
    const auto page = load(path);
    REQUIRE(page.response.has_value());
    CHECK(status_of(page) == 402);
    pay(between(page.response->body, "href=\"lightning:", '"'));
  }
  /// Loads the path; the service answers with the status. Yields the number of its cookies, -1 if the request did not pass.
  int serve(const std::string& path, std::uint16_t status, const std::string& location = {}, const Headers& more = {}) {
    const auto passed = load(path, more);
    return passed.pass ? receive(redeemed(passed, status, location).response.value().headers) : -1;
  }

  std::vector<Cookie> jar;
};

}  // namespace

TEST_CASE("a browser that paid follows redirects within the gate without paying again") {
  PathBrowser browser;
  browser.pay_for("/reports/7");
  CHECK(browser.serve("/reports/7", 302, "/reports/nine?page=2") == 1);
  CHECK(browser.jar.back().path == "/reports/nine");
  CHECK(browser.serve("/reports/nine?page=2", 307, "https://shop.example/reports/a/b/") == 1);
  CHECK(browser.jar.back().path == "/reports/a/b");
  CHECK(browser.serve("/reports/a/b/", 200) == 0);
  CHECK(browser.events("gate.redeemed") == 1);
  // Spent: the next request deletes the cookie wherever it was set for that path.
  for (const auto* path : {"/reports/7", "/reports/nine", "/reports/a/b"}) {
    CHECK(status_of(browser.load(path)) == 402);
    CHECK(std::ranges::count_if(browser.jar, [&](const auto& each) { return PathBrowser::is_sent_to(each, path); }) == 1);
  }
}

TEST_CASE("a browser's cookie is not set again where it is sent already") {
  PathBrowser browser;
  browser.pay_for("/reports/7");
  CHECK(browser.serve("/reports/7", 301, "/reports/7/") == 0);
  CHECK(browser.serve("/reports/7/", 302, "/reports/7/final") == 0);
  CHECK(browser.serve("/reports/7/final", 200) == 0);

  PathBrowser pass(R"({"price_sats":21,"match":{"method":"GET","path":"/reports/*"},"mode":"pass","uses":2})");
  pass.pay_for("/reports/7");
  CHECK(pass.serve("/reports/7", 302, "/reports/8") == 0);
  CHECK(pass.serve("/reports/8", 200) == 0);
  CHECK(pass.serve("/reports/9", 200) == 0);
  CHECK(status_of(pass.load("/reports/9")) == 402);
}

TEST_CASE("the cookie of a redirect is as private as the first, and opens nothing but where the redirect led") {
  PathBrowser browser;
  browser.pay_for("/reports/7");
  const auto passed = browser.load("/reports/7", {{"x-forwarded-proto", "https"}});
  const auto lines = browser.redeemed(passed, 303, "/reports/8").response.value().headers;
  const auto cookie = value_of(lines, "set-cookie");
  CHECK(cookie.contains("; Max-Age=4200; HttpOnly; SameSite=Lax; Secure; Path=/reports/8"));
  CHECK(cookie.starts_with(browser.jar.front().name + "=" + browser.jar.front().value + ";"));
  browser.jar = {{browser.jar.front().name, "/reports", browser.jar.front().value}};
  CHECK(status_of(browser.load("/reports/9")) == 402);
  CHECK(browser.load("/reports/8").pass.has_value());
}

TEST_CASE("programs get no cookie, and a redirect that took the use none either") {
  GateClient program;
  const auto passed = program.visit_as(program.buy());
  CHECK(value_of(program.redeemed(passed, 302, "/reports/8").response.value().headers, "set-cookie").empty());
  PathBrowser browser;
  browser.pay_for("/reports/7");
  CHECK(browser.serve("/reports/7", 302, "https://files.example/7") == 0);
  CHECK(browser.events("gate.redeemed") == 1);
}

}  // namespace lntpay::test::browser_redirects_test
