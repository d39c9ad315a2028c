// The file of gates: what it may hold, and the message for each mistake.
#include "host-adapters/server/gates/file/gates_file.hpp"

#include <doctest/doctest.h>

#include <string>

#include "tests/support/host/temp_folder.hpp"

namespace gates_file_test {
using namespace lntpay;
using namespace lntpay::host;
using nlohmann::json;

namespace {

const json good = json::parse(R"({
  "listen": [{"address": "127.0.0.1:8080"}],
  "services": [{"name": "api", "upstreams": ["http://127.0.0.1:9000"], "prices": [{"path": "/*", "price_sats": 21}]}]})");

/// The errors of the good file with a change at this JSON pointer, by RFC 7396 where `change` is an object.
std::string errors_with(const char* pointer, const json& change) {
  auto file = good;
  auto& at = file[json::json_pointer(pointer)];
  if (change.is_object() && at.is_object()) {
    at.merge_patch(change);
  } else {
    at = change;
  }
  const auto read = parse_gates_file("gates.json", file.dump());
  return read ? "" : read.error();
}

constexpr const char* service = "/services/0";
constexpr const char* price = "/services/0/prices/0";

}  // namespace

TEST_CASE("a file with every member is read") {
  const auto read = parse_gates_file("/etc/lntpay/gates.json", R"({
    // comments are allowed
    "listen": [{"address": "0.0.0.0:443", "certificates": [{"certificate": "tls.crt", "key": "/keys/tls.key"}]}, {"address": "[::1]:80"}],
    "trusted_proxies": ["10.0.0.0/8"],
    "api_key_file": "key",
    "services": [{
      "name": "api", "hosts": ["API.example.com", "*.example.org"],
      "upstreams": ["http://127.0.0.1:9000", "http://reports.internal/", "http://[::1]:9001"],
      "health_check": {"path": "/healthz", "interval_seconds": 5, "timeout_seconds": 1, "unhealthy_after": 2, "healthy_after": 4},
      "allow": [{"addresses": ["192.0.2.0/24"], "user_agents": ["a*"]}],
      "free": {"requests_per_day": 100},
      "maintenance": {"message": "Back soon.", "retry_after_seconds": 600},
      "prices": [
        {"method": "GET", "path": "/reports/*", "price_sats": 21, "name": "reports", "mode": "pass", "uses": 10, "ttl_seconds": 600,
         "commit": "explicit", "schemes": ["payment"], "repeat_seconds": 30, "not_modified": "commit", "cors": "service",
         "late_policy": "credit_and_unlock"},
        {"path": "/free", "price_sats": 0},
        {"path": "/old/*", "gate": "gate_Ab0123456789ABCDEFGHJKMNPQRS"},
        {"path": "/*", "price_sats": 1}]}]})");
  REQUIRE_MESSAGE(read.has_value(), read.error());
  CHECK(read->listen[0].certificates == std::vector<CertificateFiles>{{"/etc/lntpay/tls.crt", "/keys/tls.key"}});
  CHECK(read->listen[1].address.port() == 80);
  CHECK(read->trusted_proxies.has_value());
  CHECK(read->files() == std::vector<std::filesystem::path>{"/etc/lntpay/key", "/etc/lntpay/tls.crt", "/keys/tls.key"});
  const auto& api = read->services[0];
  CHECK(api.hosts == std::vector<std::string>{"api.example.com", "*.example.org"});
  CHECK(api.upstreams == std::vector<UpstreamAddress>{{"127.0.0.1", 9000}, {"reports.internal", 80}, {"::1", 9001}});
  CHECK(api.health_check->unhealthy_after == 2);
  CHECK(api.free_per_day == 100);
  CHECK(api.maintenance->retry_after_s == 600);
  CHECK(api.prices[0].kept_gate == json::parse(R"({"name":"reports","price_sats":21,"match":{"method":"GET","path":"/reports/*"},
    "mode":"pass","uses":10,"ttl_seconds":600,"commit":"explicit","schemes":["payment"],"repeat_seconds":30,
    "not_modified":"commit","cors":"service","late_policy":"credit_and_unlock","price_url":null})"));
  CHECK(api.prices[1].is_free());
  CHECK(api.prices[2].gate == "gate_Ab0123456789ABCDEFGHJKMNPQRS");
  CHECK(api.prices[3].kept_gate == json::parse(R"({"name":"api * /*","price_sats":1,"match":{"method":"*","path":"/*"},
    "mode":"per_request","commit":"at_once","schemes":["l402","payment"],"repeat_seconds":0,
    "not_modified":"release","cors":"gate","late_policy":"credit","price_url":null})"));
}

TEST_CASE("an entry is metered, or has a URL that names prices") {
  const auto gate_of = [](const json& members) {
    auto file = good;
    file["services"][0]["prices"][0].merge_patch(members);
    const auto read = parse_gates_file("gates.json", file.dump());
    REQUIRE_MESSAGE(read.has_value(), read.error());
    return read->services[0].prices[0].kept_gate;
  };
  const auto metered = gate_of({{"mode", "metered"}});
  CHECK(metered["min_credit_msat"] == 1'000);
  CHECK(metered["max_price_msat"] == 21'000);
  CHECK(metered["uses"].is_null());
  CHECK(metered["ttl_seconds"] == 3'600);
  const auto limited = gate_of({{"mode", "metered"}, {"max_price_msat", 500}, {"uses", 7}});
  CHECK(limited["min_credit_msat"] == 500);
  CHECK(limited["max_price_msat"] == 500);
  CHECK(limited["uses"] == 7);
  CHECK(gate_of({{"price_url", "https://api.example.com/price"}})["price_url"] == "https://api.example.com/price");
}

TEST_CASE("each mistake is named with its place, and what to write") {
  CHECK(errors_with("", json::object()).empty());
  struct Case {
    const char* pointer;
    json change;
    const char* message;
  };
  for (const auto& [pointer, change, message] : {
           Case{"", {{"servces", 1}}, ":1: servces: is unknown. Write services"},
           Case{"", {{"colour", 1}}, ": colour: is unknown. Known here: listen, trusted_proxies, api_key_file, services"},
           Case{"/listen", json(nullptr), ": listen: is null. Write [{\"address\""},
           Case{"/listen", json::array(), ": listen: is an empty list."},
           Case{"/listen/0/address", "localhost:80", ": listen[0].address: is \"localhost:80\". Write a numeric address"},
           Case{"/listen/0", {{"certificates", {{{"certificate", "a"}}}}}, ": listen[0].certificates[0].key: is missing. Write"},
           Case{"", {{"trusted_proxies", {"10.0.0.0/99"}}}, ": trusted_proxies[0]: is \"10.0.0.0/99\"."},
           Case{service, {{"name", nullptr}}, ": services[0].name: is missing."},
           Case{service, {{"hosts", {"http://a"}}}, ": services[0].hosts[0]: is \"http://a\"."},
           Case{service, {{"hosts", {"a:80"}}}, ": services[0].hosts[0]: is \"a:80\"."},
           Case{service, {{"hosts", {"a.*"}}}, ": services[0].hosts[0]: is \"a.*\"."},
           Case{service, {{"upstreams", {"https://a"}}}, "TLS to a service is not supported"},
           Case{service, {{"upstreams", {"http://a/b"}}}, ": services[0].upstreams[0]: is \"http://a/b\"."},
           Case{service, {{"upstreams", {7}}}, ": services[0].upstreams[0]: is a number. Write a text"},
           Case{service, {{"health_check", {{"path", "healthz"}}}}, ": services[0].health_check.path: is \"healthz\"."},
           Case{service, {{"allow", {json::object()}}}, ": services[0].allow[0]: lets nobody pass."},
           Case{service, {{"allow", {{{"addresses", {"x"}}}}}}, ": services[0].allow[0].addresses[0]: is \"x\"."},
           Case{service,
                {{"free", {{"requests_per_day", 0}}}},
                ": services[0].free.requests_per_day: is 0. Write a whole number from 1"},
           Case{service, {{"free", {{"request_per_day", 9}}}}, "is unknown. Write requests_per_day"},
           Case{service, {{"maintenance", true}}, ": services[0].maintenance: is true or false. Write {\"message\""},
           Case{price, {{"price_sats", "21"}}, ": services[0].prices[0].price_sats: is a text. Write a whole number from 0"},
           Case{price, {{"price_sats", nullptr}}, ": services[0].prices[0]: has no price. Write"},
           Case{price, {{"gate", "gate_Ab0123456789ABCDEFGHJKMNPQRS"}}, "has price_sats and gate. Write one of them"},
           Case{price, {{"price_sats", nullptr}, {"gate", "reports"}}, ".gate: is \"reports\". Write the id"},
           Case{price, {{"path", "/a b"}}, ".path: is \"/a b\". Write"},
           Case{price, {{"method", "get"}}, ".method: is \"get\". Write a method in capital letters"},
           Case{price, {{"uses", 5}}, ".uses: belongs to a pass."},
           Case{price, {{"max_price_msat", 5}}, ".max_price_msat: belongs to a metered gate."},
           Case{price, {{"mode", "metered"}, {"max_price_msat", 5}, {"min_credit_msat", 6}}, ".min_credit_msat: is 6. Write"},
           Case{price, {{"mode", "metered"}, {"price_url", "https://a.b/"}}, ".price_url: belongs to no metered gate."},
           Case{price, {{"price_sats", 0}, {"mode", "pass"}}, ".mode: has no meaning without a price."},
           Case{price, {{"mode", "passs"}}, ".mode: is \"passs\". Write per_request or pass"},
           Case{price, {{"schemes", {"l402", "l402"}}}, ".schemes[1]: is given twice."},
           Case{price, {{"name", std::string(101, 'x')}}, ".name: is longer than 100 bytes."},
           Case{price, {{"path", "/" + std::string(1'024, 'x')}, {"name", "long"}}, "services[0].prices[0].path: "},
       }) {
    CAPTURE(pointer);
    CAPTURE(change.dump());
    CHECK_MESSAGE(errors_with(pointer, change).contains(message), errors_with(pointer, change));
  }
}

TEST_CASE("what must be unique in a file is") {
  const auto twice = [](const char* pointer, const json& changes) {
    auto file = good;
    auto& list = file[json::json_pointer(pointer)];
    list.push_back(list[0]);
    list[1].merge_patch(changes);
    const auto read = parse_gates_file("gates.json", file.dump());
    return read ? "" : read.error();
  };
  CHECK(twice("/listen", json::object()).contains("listen[1].address: is given twice"));
  CHECK(twice("/services", {{"hosts", {"a"}}}).contains("services[1].name: is the name of two services"));
  CHECK(twice("/services", {{"name", "b"}}).contains("services[1]: is the second service for all other hosts"));
  CHECK(twice("/services", {{"name", "b"}, {"hosts", {"a", "A"}}}).contains("services[1].hosts[1]: is a host of two services"));
  CHECK(twice("/services/0/prices", json::object())
            .contains("services[0].prices[1]: has the method and path of services[0].prices[0]"));
  CHECK(twice("/services/0/prices", {{"path", "/b"}}).empty());
  CHECK(twice("/services/0/prices", {{"path", "/b"}, {"name", "api * /*"}}).contains("prices[1].name: is the name of two gates"));
}

TEST_CASE("paths that differ in a trailing slash are one path") {
  const auto errors =
      errors_with(service, {{"prices", {{{"path", "/a"}, {"price_sats", 1}}, {{"path", "/a/"}, {"price_sats", 2}}}}});
  CHECK(errors.contains("services[0].prices[1]: has the method and path of services[0].prices[0]"));
}

TEST_CASE("all mistakes are reported, each with its line") {
  const auto read = parse_gates_file("gates.json", R"({
  "listen": [
    {"adress": "127.0.0.1:80"}
  ],
  "services": [{
    "name": "api",
    "upstreams": ["http://127.0.0.1:9000"],
    "prices": [
      {"path": "/a", "price_sats": 1},
      {"path": "/b",
       "price_sats": -1}
    ]
  }]
})");
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error() ==
        "gates.json:3: listen[0].address: is missing. Write \"0.0.0.0:443\"\n"
        "gates.json:3: listen[0].adress: is unknown. Write address\n"
        "gates.json:11: services[0].prices[1].price_sats: is -1. Write a whole number from 0 to 2100000000000000");
}

TEST_CASE("a text that is no JSON, or names a member twice, is refused with its line") {
  const auto error = [](const char* text) { return parse_gates_file("gates.json", text).error_or(""); };
  CHECK(error("").starts_with("gates.json: line 1: the file is empty"));
  CHECK(error("{\n\"listen\": [}").starts_with("gates.json: line 2: syntax error"));
  CHECK(error("{\n\"listen\": [],\n\"listen\": []}") == "gates.json: line 3: \"listen\" is given twice in one object. Remove one");
  CHECK(error("[]") == "gates.json:1: the file: is no object. Write {\"listen\": …, \"services\": …}");
}

TEST_CASE("a file that cannot be read is refused with its name") {
  const test::TempFolder folder;
  CHECK(read_gates_file(folder.file("gates.json")).error_or("").contains("gates.json cannot be read"));
}

}  // namespace gates_file_test
