// Whether a gate that a file names by id covers its entry.
#include "host-adapters/server/gates/named_gates.hpp"

#include <doctest/doctest.h>

#include "core/gate/terms.hpp"

namespace lntpay::named_gates_test {
using namespace lntpay::host;

namespace {

Price entry(std::string method, std::string path) {
  return {.match = {std::move(method), std::move(path)},
          .gate = "gate_1",
          .kept_gate = nullptr,
          .path_in_file = "services[0].prices[1]"};
}

/// Whether the gate covers every request that stands for the entry.
bool covers(const RequestMatch& gate, const Price& price) {
  for (const auto& asked : coverage_requests(price)) {
    RequestMatch described;
    for (const auto& [name, value] : asked.headers) {
      if (name == "x-original-method") described.method = value;
      if (name == "x-original-uri") described.path = value;
    }
    if (!request_match(described.method, described.path) || !gate.covers(priced_request(gate, described))) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("a gate covers an entry if its match covers the entry's") {
  for (const RequestMatch& gate : {RequestMatch{"*", "/*"},
                                   {"GET", "/*"},
                                   {"GET", "/reports/*"},
                                   {"*", "/reports/*"},
                                   {"GET", "/reports"},
                                   {"GET", "/reports/7"},
                                   {"GET", "/reports/a/*"},
                                   {"POST", "/reports/*"}}) {
    for (const RequestMatch& match : {RequestMatch{"*", "/*"},
                                      {"GET", "/reports/*"},
                                      {"GET", "/reports"},
                                      {"GET", "/reports/7/"},
                                      {"*", "/reports/*"},
                                      {"GET", "/reports/a/*"}}) {
      CAPTURE(gate.method + " " + gate.path + " for " + match.method + " " + match.path);
      CHECK(covers(gate, entry(match.method, match.path)) == gate.covers(match));
    }
  }
}

TEST_CASE("the error names the entry, the gate and what to change") {
  const auto price = entry("GET", "/reports/*");
  CHECK_FALSE(coverage_error(price, {401, {}, R"({"code":"payment_required","detail":"Pay the invoice."})"}).has_value());
  CHECK_FALSE(coverage_error(price, {503, {}, ""}).has_value());
  CHECK(*coverage_error(price, {404, {}, "{}"}) ==
        "services[0].prices[1].gate: there is no gate gate_1. Write the id of an existing one, or price_sats");
  const auto* const refused =
      R"({"error":{"code":"invalid_request","message":"This gate is for GET /own. Send it only such requests, or change its match."}})";
  CHECK(*coverage_error(price, {401, {}, refused}) ==
        "services[0].prices[1].gate: gate_1 does not cover GET /reports/*. This gate is for GET /own. Change its match, or the "
        "entry's method and path");
}

}  // namespace lntpay::named_gates_test
