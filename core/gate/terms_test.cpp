// Terms in both forms, narrowing, and paths with several spellings.
#include "core/gate/terms.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "core/gate/canonical_json.hpp"

namespace terms_test {
using namespace lntpay;

namespace {

Terms example() {
  return {.environment = Environment::test,
          .gate = *GateId::parse("gate_Ab0123456789ABCDEFGHJKMNPQRS"),
          .match = {"GET", "/reports/*"},
          .price = Msat{21'000},
          .mode = GateMode::pass,
          .uses = 5,
          .valid_until = UnixMillis{1'800'000'000'000}};
}

/// The terms after a holder added these caveats; nullopt if they are rejected.
std::optional<Terms> with(std::vector<std::string> added, std::string_view says = {}) {
  auto caveats = caveats_of(example());
  caveats.insert(caveats.end(), added.begin(), added.end());
  auto terms = terms_of(caveats);
  if (terms) return std::move(*terms);
  CHECK(terms.error().code == ErrorCode::unauthenticated);
  CHECK(terms.error().message.find(says) != std::string::npos);
  return std::nullopt;
}

}  // namespace

TEST_CASE("terms round-trip in both forms") {
  const auto terms = example();
  CHECK(caveats_of(terms) == std::vector<std::string>{"environment=test", "gate=gate_Ab0123456789ABCDEFGHJKMNPQRS", "method=GET",
                                                      "mode=pass", "path=/reports/*", "price_msat=21000", "uses=5",
                                                      "valid_until=1800000000"});
  CHECK(terms_of(caveats_of(terms)) == terms);
  CHECK(terms_of_json(*read_json(terms_json(terms))) == terms);
  CHECK(canonical_json(terms_json(terms)) == terms_json(terms));
}

TEST_CASE("a token without one of the terms is rejected") {
  for (std::size_t i = 0; i < 8; ++i) {
    auto caveats = caveats_of(example());
    const auto name = caveats[i].substr(0, caveats[i].find('='));
    caveats.erase(caveats.begin() + static_cast<std::ptrdiff_t>(i));
    const auto terms = terms_of(caveats);
    REQUIRE_FALSE(terms.has_value());
    CHECK(terms.error().message.find("lacks: " + name) != std::string::npos);
  }
}

TEST_CASE("a repeated term narrows") {
  CHECK(with({"path=/reports/7"})->match.path == "/reports/7");
  CHECK(with({"path=/reports/eu/*", "path=/reports/eu/7"})->match.path == "/reports/eu/7");
  CHECK(with({"valid_until=1799999999"})->valid_until == UnixMillis{1'799'999'999'000});
  CHECK(with({"gate=gate_Ab0123456789ABCDEFGHJKMNPQRS", "environment=test", "mode=pass", "price_msat=21000", "uses=5",
              "method=GET"}) == example());
  auto any = example();
  any.match.method = "*";
  auto caveats = caveats_of(any);
  caveats.emplace_back("method=POST");
  CHECK(terms_of(caveats)->match.method == "POST");
  caveats.emplace_back("method=GET");
  CHECK_FALSE(terms_of(caveats).has_value());
}

TEST_CASE("a repeated term never widens, and an unknown one is rejected") {
  for (const auto* wider : {"path=/*", "path=/report", "path=/", "path=/reportsx", "path=/reportsx/7", "path=/reports/../x",
                            "valid_until=1800000001", "method=POST", "method=*", "price_msat=1", "mode=per_request", "uses=4",
                            "mode=metered", "uses=6", "uses=*", "environment=live", "gate=gate_Ab0123456789ABCDEFGHJKMNPQRT"}) {
    CAPTURE(wider);
    CHECK_FALSE(with({wider}, "widens").has_value());
  }
  CHECK_FALSE(with({"path=/reports/7", "path=/reports/*"}, "widens").has_value());
  CHECK_FALSE(with({"valid_untill=1"}, "unknown condition").has_value());
  CHECK_FALSE(with({"nonsense"}, "unknown condition").has_value());
  CHECK_FALSE(with({""}, "unknown condition").has_value());
  CHECK_FALSE(with({"valid_until="}).has_value());
  CHECK_FALSE(with({"valid_until=99999999999999999999"}).has_value());
  CHECK_FALSE(with({std::string(4'000, 'x')}, "unknown condition").has_value());
}

TEST_CASE("malformed terms in JSON are rejected") {
  for (const auto* json : {"[]", "1", "{}", R"({"environment":1})", R"({"environment":"test","environment":"live"})"}) {
    CAPTURE(json);
    CHECK_FALSE(terms_of_json(*read_json(json)).has_value());
  }
}

TEST_CASE("a path is accepted in one spelling only") {
  for (const auto* path : {"/", "/a", "/a/", "/a/b.c", "/a/..b", "/a/%20b", "/%C3%A9", "/a/b*", "/a:b@c;d=1,2"}) {
    CAPTURE(path);
    CHECK(request_match("GET", path).has_value());
  }
  for (const auto* path :
       {"",          "a",      "*",    "//a",    "/a//b", "/.",   "/..",   "/a/../b", "/a/.",  "/a\\b", "/a%2Fb", "/a%2fb",
        "/%2e%2e/b", "/a%5cb", "/%61", "/a%7Eb", "/a%",   "/a%4", "/a%zz", "/a%00",   "/a%7f", "/a/*",  "/a?b",   "/a#b"}) {
    CAPTURE(path);
    const auto match = request_match("GET", path);
    REQUIRE_FALSE(match.has_value());
    CHECK(match.error().code == ErrorCode::invalid_request);
  }
}

TEST_CASE("a gate's path has no second spelling") {
  CHECK(is_gate_match({"GET", "/reports/*"}));
  CHECK(is_gate_match({"*", "/*"}));
  CHECK(is_gate_match({"POST", "/v1/report-7_b.~json"}));
  for (const auto* path : {"", "reports", "/a%20b", "/a:b", "/a*", "/*/b", "/a/../b", "//", "/a?b=c", "/\xc3\xa9"}) {
    CAPTURE(path);
    CHECK_FALSE(is_gate_match({"GET", path}));
  }
  CHECK_FALSE(is_gate_match({"get", "/a"}));
  CHECK_FALSE(is_gate_match({"", "/a"}));
  CHECK(RequestMatch{"GET", "/reports/*"}.covers({"GET", "/reports/7"}));
  CHECK_FALSE(RequestMatch{"GET", "/reports/*"}.covers({"HEAD", "/reports/7"}));
  CHECK_FALSE(RequestMatch{"GET", "/reports"}.covers({"GET", "/reports/7"}));
}

TEST_CASE("a trailing slash makes no difference, and a folder's pattern covers the folder") {
  const RequestMatch below{"GET", "/reports/*"}, one{"GET", "/reports/7"}, all{"GET", "/*"};
  for (const auto* path : {"/reports", "/reports/", "/reports/7", "/reports/7/", "/reports/eu/7"})
    CHECK(below.covers({"GET", path}));
  for (const auto* path : {"/", "/report", "/reportsx", "/reportsx/", "/reports%20", "/reports.7"})
    CHECK_FALSE(below.covers({"GET", path}));
  CHECK(one.covers({"GET", "/reports/7/"}));
  CHECK(RequestMatch{"GET", "/reports/7/"}.covers(one));
  CHECK_FALSE(one.covers({"GET", "/reports/7/8"}));
  CHECK(all.covers({"GET", "/"}));
  CHECK(RequestMatch{"GET", "/"}.covers({"GET", "/"}));
  CHECK_FALSE(RequestMatch{"GET", "/"}.covers({"GET", "/a"}));
  CHECK(is_same_path("/a/", "/a"));
  CHECK_FALSE(is_same_path("/a/", "/A"));
  CHECK(fingerprint_of(one) == fingerprint_of({"GET", "/reports/7/"}));
  CHECK(fingerprint_of(one) != fingerprint_of({"POST", "/reports/7"}));
  CHECK(fingerprint_of(one).size() == 32);
}

TEST_CASE("HEAD is priced as GET, except at a gate for HEAD") {
  CHECK(priced_request({"GET", "/*"}, {"HEAD", "/a"}).method == "GET");
  CHECK(priced_request({"*", "/*"}, {"HEAD", "/a"}).method == "GET");
  CHECK(priced_request({"HEAD", "/*"}, {"HEAD", "/a"}).method == "HEAD");
  CHECK(priced_request({"GET", "/*"}, {"POST", "/a"}).method == "POST");
}

TEST_CASE("terms lie within others when a holder could have narrowed those to them") {
  const auto sold = example();
  auto shown = sold;
  CHECK(is_within(shown, sold));
  shown.match.path = "/reports/7";
  shown.valid_until = UnixMillis{1'700'000'000'000};
  CHECK(is_within(shown, sold));
  for (const auto widen : {+[](Terms& terms) { terms.match.path = "/*"; }, +[](Terms& terms) { terms.match.method = "*"; },
                           +[](Terms& terms) { terms.uses = 6; }, +[](Terms& terms) { terms.uses.reset(); },
                           +[](Terms& terms) { terms.mode = GateMode::per_request; }, +[](Terms& terms) { terms.price = Msat{1}; },
                           +[](Terms& terms) { terms.environment = Environment::live; },
                           +[](Terms& terms) { terms.valid_until = terms.valid_until + seconds(1); }}) {
    auto wider = sold;
    widen(wider);
    CHECK_FALSE(is_within(wider, sold));
  }
}

TEST_CASE("a token may lack the size of the body, and a holder may only narrow it") {
  CHECK(with({"size=5"})->size == 5);
  CHECK(with({"size=5", "size=5", "size=4"})->size == 4);
  CHECK(with({"size=0"})->size == 0);
  for (const auto* wrong : {"size=", "size=-1", "size=*", "size=1.0", "size=99999999999999999999"})
    CHECK_FALSE(with({wrong}).has_value());
  CHECK_FALSE(with({"size=5", "size=6"}, "widens").has_value());
  auto sized = example();
  sized.size = 5;
  CHECK(terms_of(caveats_of(sized)) == sized);
  CHECK(terms_of_json(*read_json(terms_json(sized))) == sized);
  CHECK(canonical_json(terms_json(sized)) == terms_json(sized));
  CHECK(is_within(sized, example()));
  CHECK_FALSE(is_within(example(), sized));
  auto smaller = sized;
  smaller.size = 4;
  CHECK(is_within(smaller, sized));
  CHECK_FALSE(is_within(sized, smaller));
}

TEST_CASE("uses are a number or unlimited") {
  auto terms = example();
  terms.uses.reset();
  CHECK(terms_of(caveats_of(terms)) == terms);
  CHECK(terms_json(terms).contains(R"("uses":"*")"));
  for (const auto* wrong : {"uses=0", "uses=", "uses=-1", "uses=1.0", "uses=**", "uses=99999999999999999999"}) {
    auto caveats = caveats_of(example());
    *std::ranges::find(caveats, "uses=5") = wrong;
    CHECK_FALSE(terms_of(caveats).has_value());
  }
}

}  // namespace terms_test
