// Every case of ssrf-cases.json: addresses, URLs, resolutions.
#include <doctest/doctest.h>

#include "core/webhook/egress/address_class.hpp"
#include "core/webhook/egress/egress.hpp"
#include "tests/vectors/vectors.hpp"

namespace lntpay::ssrf_vectors_test {
namespace {

std::optional<nlohmann::json> cases() { return vectors::load("ssrf-cases.json"); }

bool connects(const nlohmann::json& answers) {
  return may_connect(Settings{}, "https://hooks.example.com/", answers.get<std::vector<std::string>>()).has_value();
}

}  // namespace

TEST_CASE("every published address has its verdict") {
  const auto file = cases();
  if (!file) return;
  for (const auto& each : file->at("addresses")) {
    const auto text = each.at("address").get<std::string>();
    const auto address = parse_ip(text);
    REQUIRE_MESSAGE(address.has_value(), text);
    CHECK_MESSAGE((classify(*address) == AddressClass::global) == (each.at("verdict") == "allow"), text);
  }
  CHECK(file->at("addresses").size() == 146);
}

TEST_CASE("the first and last address of every denied block is denied") {
  const auto file = cases();
  if (!file) return;
  for (const auto* list : {"ipv4_denied", "ipv6_denied"}) {
    for (const auto& each : file->at(list)) {
      const auto cidr = each.at("cidr").get<std::string>();
      if (cidr == "::ffff:0:0/96") continue;  // its addresses are classified as the IPv4 ones that they are
      const auto slash = cidr.find('/');
      auto address = parse_ip(cidr.substr(0, slash));
      REQUIRE_MESSAGE(address.has_value(), cidr);
      CHECK_MESSAGE(classify(*address) != AddressClass::global, cidr);
      const auto bits = std::stoul(cidr.substr(slash + 1)) + (cidr.find(':') == cidr.npos ? 96 : 0);
      for (auto bit = bits; bit < 128; ++bit) address->bytes[bit / 8] |= static_cast<std::uint8_t>(0x80 >> bit % 8);
      CHECK_MESSAGE(classify(*address) != AddressClass::global, cidr);
    }
  }
}

TEST_CASE("every published URL is accepted or rejected as stated") {
  const auto file = cases();
  if (!file) return;
  for (const auto& each : file->at("urls_rejected")) {
    const auto url = each.at("url").get<std::string>();
    CHECK_MESSAGE(!check_egress_url(url, {}, Environment::live).has_value(), url);
    CHECK_MESSAGE(!check_egress_url(url, {}, Environment::test).has_value(), url);
    CHECK_MESSAGE(!check_egress_url(url, {.allow_loopback = true, .allow = {}}, Environment::live).has_value(), url);
  }
  for (const auto& url : file->at("urls_accepted")) {
    CHECK_MESSAGE(check_egress_url(url.get<std::string>(), {}, Environment::live).has_value(), url.get<std::string>());
  }
  CHECK(file->at("urls_rejected").size() == 45);
}

TEST_CASE("every published resolution is checked with all of its addresses") {
  const auto file = cases();
  if (!file) return;
  std::size_t checked = 0;
  for (const auto& script : file->at("resolution")) {
    const auto name = script.at("name").get<std::string>();
    if (script.contains("answers_seq")) {
      CHECK_MESSAGE(connects(script["answers_seq"][0]), name);
      CHECK_MESSAGE(!connects(script["answers_seq"][1]), name);
    } else if (script.contains("answers")) {
      CHECK_MESSAGE(connects(script["answers"]) == (script.at("verdict") == "connect"), name);
    } else {
      continue;  // a redirect: the schedule's tests
    }
    ++checked;
  }
  CHECK(checked == 6);
}

}  // namespace lntpay::ssrf_vectors_test
