// The entry of a price list that applies to a request.
#include "host-adapters/server/gates/rules/price_list.hpp"

#include <doctest/doctest.h>

#include <string>

namespace price_list_test {
using namespace lntpay;
using namespace lntpay::host;

namespace {

const std::vector<RequestMatch> entries{
    {"*", "/*"},        {"GET", "/reports/*"}, {"*", "/reports/*"}, {"GET", "/reports/free"}, {"POST", "/reports/eu/*"},
    {"HEAD", "/probe"}, {"GET", "/probe"},
};

/// "GET /reports/*": the entry for this request; empty without one.
std::string priced(const char* method, const char* path, const std::vector<Header>& headers = {},
                   const std::vector<RequestMatch>& list = entries) {
  const auto resource = request_match(method, path);
  REQUIRE(resource.has_value());
  const auto found = PriceList(list).find(*resource, headers);
  return found ? list[*found].method + " " + list[*found].path : "";
}

}  // namespace

TEST_CASE("the closest entry wins, in whatever order they are listed") {
  for (auto list : {entries, std::vector(entries.rbegin(), entries.rend())}) {
    CHECK(priced("GET", "/reports/7", {}, list) == "GET /reports/*");
    CHECK(priced("GET", "/reports/free", {}, list) == "GET /reports/free");
    CHECK(priced("PUT", "/reports/7", {}, list) == "* /reports/*");
    CHECK(priced("POST", "/reports/eu/7", {}, list) == "POST /reports/eu/*");
    CHECK(priced("GET", "/reports/eu/7", {}, list) == "GET /reports/*");
    CHECK(priced("GET", "/other", {}, list) == "* /*");
  }
}

TEST_CASE("a request that no entry covers has no price") {
  const std::vector<RequestMatch> list{{"GET", "/reports/*"}};
  CHECK(priced("POST", "/reports/7", {}, list).empty());
  CHECK(priced("GET", "/reportsx", {}, list).empty());
}

TEST_CASE("a HEAD has the price of the GET, unless one is given for HEAD") {
  const std::vector<RequestMatch> list{{"GET", "/reports/*"}};
  CHECK(priced("HEAD", "/reports/7", {}, list) == "GET /reports/*");
  CHECK(priced("HEAD", "/reports/7") == "GET /reports/*");
  CHECK(priced("HEAD", "/reports/free") == "GET /reports/free");
  CHECK(priced("HEAD", "/probe") == "HEAD /probe");
}

TEST_CASE("a preflight belongs to the request that it announces") {
  const std::vector<Header> preflight{{"origin", "https://a.example"}, {"access-control-request-method", "GET"}};
  CHECK(priced("OPTIONS", "/reports/7", preflight) == "GET /reports/*");
  CHECK(priced("OPTIONS", "/reports/7", {{"origin", "https://a.example"}}) == "* /reports/*");
  CHECK(priced("OPTIONS", "/reports/7", preflight, {{"GET", "/reports/*"}}) == "GET /reports/*");
  CHECK(priced("OPTIONS", "/reports/7", {}, {{"GET", "/reports/*"}}).empty());
}

}  // namespace price_list_test
