// The end of a use for every kind of response, and Locations in every spelling.
#include "core/gate/use_end.hpp"

#include <doctest/doctest.h>

namespace lntpay::use_end_test {
namespace {

const ServedRequest report{.method = "GET", .host = "shop.example", .path = "/reports/7"};
const RequestMatch reports{"GET", "/reports/*"};

/// "commit", "release", or "opens /path".
std::string end_for(int status, std::string_view location = {}, std::string_view method = "GET", const RequestMatch& gate = reports,
                    NotModified not_modified = NotModified::release) {
  auto request = report;
  request.method = method;
  const auto end = end_of_use(request, {static_cast<std::uint16_t>(status), location}, gate, not_modified);
  if (end.commit) return "commit";
  return end.opened_path ? "opens " + *end.opened_path : "release";
}

std::string leads(std::string_view location, const ServedRequest& from = report) {
  return path_on_same_host(from, location).value_or("elsewhere");
}

}  // namespace

TEST_CASE("2xx commits a use; 4xx, 5xx and no response release it") {
  for (const int status : {200, 201, 204, 206, 299}) CHECK(end_for(status) == "commit");
  for (const int status : {0, 101, 199, 300, 305, 306, 400, 404, 429, 500, 502, 599}) CHECK(end_for(status) == "release");
  CHECK(end_for(300, "/elsewhere") == "release");
}

TEST_CASE("HEAD releases on 2xx and otherwise ends as GET") {
  CHECK(end_for(200, {}, "HEAD") == "release");
  CHECK(end_for(302, "https://cdn.example/signed", "HEAD") == "commit");
  CHECK(end_for(302, "/reports/8", "HEAD") == "opens /reports/8");
  CHECK(end_for(500, {}, "HEAD") == "release");
}

TEST_CASE("304 ends a use as the gate has it") {
  CHECK(end_for(304) == "release");
  CHECK(end_for(304, {}, "GET", reports, NotModified::commit) == "commit");
}

TEST_CASE("a redirect within the gate opens its path; one that leads elsewhere commits") {
  for (const int status : {301, 302, 303, 307, 308}) {
    CAPTURE(status);
    CHECK(end_for(status, "/reports/8?page=2") == "opens /reports/8");
    CHECK(end_for(status, "/reports/7/") == "opens /reports/7/");
    CHECK(end_for(status, "https://shop.example/reports/8") == "opens /reports/8");
    CHECK(end_for(status, "https://cdn.example/reports/8?signature=x") == "commit");
    CHECK(end_for(status, "/downloads/8?signature=x") == "commit");
    CHECK(end_for(status) == "commit");
  }
  // Another spelling of a path is none of the gate's: it would be refused there.
  CHECK(end_for(302, "/reports/%38") == "commit");
  CHECK(end_for(302, "/reports//8") == "commit");
}

TEST_CASE("a redirect releases the use of GET and HEAD alone: others have done their work") {
  for (const auto* method : {"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "get"}) {
    CAPTURE(method);
    for (const int status : {301, 302, 303, 307, 308}) {
      CHECK(end_for(status, "/reports/8", method, {method, "/reports/*"}) == "commit");
      CHECK(end_for(status, "/reports/8", method, {"*", "/reports/*"}) == "commit");
    }
  }
  CHECK(end_for(303, "/reports/8", "HEAD", {"HEAD", "/reports/*"}) == "opens /reports/8");
  CHECK(end_for(302, "/reports/8", "GET", {"*", "/reports/*"}) == "opens /reports/8");
}

TEST_CASE("a Location is resolved as clients resolve it") {
  CHECK(leads("/a") == "/a");
  CHECK(leads("//shop.example/a") == "/a");
  CHECK(leads("HTTPS://SHOP.example:443/a?b#c") == "/a");
  CHECK(leads("http://shop.example:80") == "/");
  CHECK(leads("http://shop.example?x") == "/");
  CHECK(leads("8") == "/reports/8");
  CHECK(leads("./8") == "/reports/8");
  CHECK(leads("../a") == "/a");
  CHECK(leads("../../../a") == "/a");
  CHECK(leads("..") == "/");
  CHECK(leads("/a/b/./c/../") == "/a/b/");
  CHECK(leads("?page=2") == "/reports/7");
  CHECK(leads("#top") == "/reports/7");
  CHECK(leads(" /a ") == "/a");
  for (const auto* other :
       {"", "//other.example/a", "https://other.example", "https://shop.example.evil/a", "https://shop.example:8443/a",
        "https://user@shop.example/a", "ftp://shop.example/a", "mailto:a@b", "javascript:alert(1)", "https:/\\shop.example/a"})
    CHECK_MESSAGE(leads(other) == "elsewhere", other);
  CHECK(leads("https://shop.example/a", {.method = "GET", .host = "", .path = "/"}) == "elsewhere");
  CHECK(leads("/a", {.method = "GET", .host = "", .path = "/"}) == "/a");
  CHECK(leads("https://shop.example/a", {.method = "GET", .host = "shop.example:443", .path = "/"}) == "/a");
}

}  // namespace lntpay::use_end_test
