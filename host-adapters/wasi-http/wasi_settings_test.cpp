// Settings from the environment, and the errors for missing and invalid ones.
#include "host-adapters/wasi-http/wasi_settings.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "core/crypto/seal.hpp"
#include "core/crypto/sha256.hpp"
#include "core/tenant/operator.hpp"

namespace wasi_settings_test {
using namespace lntpay;
using namespace lntpay::wasi_http;

namespace {

const std::string secrets = R"({"version":1,"pepper":")" + std::string(64, '1') + R"(","seal":")" + std::string(64, '2') +
                            R"(","cursor_key":")" + std::string(64, '3') + R"(","gate_key":")" + std::string(64, '4') +
                            R"(","operator_token":"lnt_operator_x"})";

const EnvironmentVariables base{{"LNTPAY_BASE_URL", "https://pay.example.com"}, {"LNTPAY_SECRETS", secrets}, {"PATH", "/bin"}};

EnvironmentVariables with(std::string name, std::string value) {
  auto all = base;
  std::erase_if(all, [&](const auto& variable) { return variable.first == name; });
  all.emplace_back(std::move(name), std::move(value));
  return all;
}

std::string refused(const EnvironmentVariables& environment) {
  const auto read = read_settings(environment);
  return read ? "" : read.error();
}

Bytes32 of_bytes(std::uint8_t byte) {
  Bytes32 bytes;
  bytes.fill(byte);
  return bytes;
}
bool is_key(const Secret& secret, std::uint8_t byte) { return std::ranges::equal(secret.reveal(), of_bytes(byte)); }
std::string text(const RateLimit& limit) { return std::to_string(limit.quota) + "/" + std::to_string(limit.window_s); }

}  // namespace

TEST_CASE("a base URL and secrets are sufficient") {
  const auto read = read_settings(base);
  REQUIRE(read);
  // By name, so that a setting that is new does not go without a value here.
  const auto& [base_url, peppers, seal_keys, cursor_key, gate_key, operator_hmac, live_network, live_node, send_once, rate,
               challenges_per_client, challenges_per_gate, egress, process, keep_events] = read->engine;
  CHECK(base_url == "https://pay.example.com");
  REQUIRE(peppers.size() == 1);
  CHECK(peppers.front().id == "1");
  CHECK(is_key(peppers.front().key, 0x11));
  const SealKey expected("1", of_bytes(0x22));
  CHECK(open({&expected, 1}, "context", seal(seal_keys, "context", bytes_of("text"))));
  CHECK(is_key(cursor_key, 0x33));
  CHECK(is_key(gate_key, 0x44));
  CHECK(operator_hmac == hmac_sha256(of_bytes(0x11), bytes_of("lnt_operator_x")));
  CHECK(is_operator(read->engine, "lnt_operator_x"));
  CHECK_FALSE(is_operator(read->engine, "lnt_operator_y"));
  CHECK(live_network == "bitcoin");
  CHECK_FALSE(live_node);
  CHECK_FALSE(send_once);
  CHECK(text(rate) == "600/60");
  CHECK(text(challenges_per_client) == "60/600");
  CHECK(text(challenges_per_gate) == "10000/600");
  CHECK(egress.mode == EgressMode::allowlist);
  CHECK(egress.allow.empty());
  CHECK_FALSE(egress.allow_loopback);
  CHECK(process.empty());
  CHECK(keep_events == days(90));
  CHECK(read->outside.etcd_urls == std::vector<std::string>{"http://127.0.0.1:2379"});
  CHECK(read->client_header.empty());
}

TEST_CASE("every optional variable is read") {
  auto environment = base;
  for (auto& variable : EnvironmentVariables{{"LNTPAY_ETCD_URL", "http://a:2379, https://b"},
                                             {"LNTPAY_ETCD_AUTHORIZATION", "Bearer e"},
                                             {"LNTPAY_WEBHOOK_HOSTS", "shop.example,hooks.example"},
                                             {"LNTPAY_LIVE_NETWORK", "regtest"},
                                             {"LNTPAY_LND_URL", "https://node"},
                                             {"LNTPAY_LND_RECEIVE_TOKEN", "r"},
                                             {"LNTPAY_LND_PAY_TOKEN", "p"},
                                             {"LNTPAY_SEND_ONCE", "1"},
                                             {"LNTPAY_CLIENT_HEADER", "X-Forwarded-For"},
                                             {"LNTPAY_RATE_LIMIT", "5/7"},
                                             {"LNTPAY_CHALLENGES_PER_CLIENT", "8"},
                                             {"LNTPAY_CHALLENGES_PER_GATE", "9"},
                                             {"LNTPAY_KEEP_EVENTS_DAYS", "0"},
                                             {"LNTPAY_ALLOW_LOOPBACK", "1"}})
    environment.push_back(std::move(variable));
  const auto read = read_settings(environment);
  REQUIRE(read);
  const auto& settings = read->engine;
  CHECK(read->outside.etcd_urls == std::vector<std::string>{"http://a:2379", "https://b"});
  CHECK(read->outside.etcd_authorization == "Bearer e");
  CHECK(settings.egress.allow == std::vector<std::string>{"shop.example", "hooks.example"});
  CHECK(settings.egress.allow_loopback);
  CHECK(settings.live_network == "regtest");
  CHECK(settings.live_node);
  CHECK(settings.send_once);
  CHECK(read->outside.upstreams.size() == 2);
  CHECK(read->client_header == "x-forwarded-for");
  CHECK(text(settings.rate) == "5/7");
  CHECK(text(settings.challenges_per_client) == "8/600");
  CHECK(text(settings.challenges_per_gate) == "9/600");
  CHECK(settings.keep_events == Millis{});
}

TEST_CASE("a missing or invalid variable is named") {
  CHECK(refused({}).starts_with("LNTPAY_BASE_URL is missing: "));
  CHECK(refused(with("LNTPAY_BASE_URL", "https://pay.example.com/")).contains("without a slash"));
  CHECK(refused(with("LNTPAY_BASE_URL", "pay.example.com")).contains("http://"));
  CHECK(refused(with("LNTPAY_SECRETS", "")).starts_with("LNTPAY_SECRETS is missing: "));
  CHECK(refused(with("LNTPAY_SECRETS", "{")).starts_with("LNTPAY_SECRETS is not JSON"));
  CHECK(refused(with("LNTPAY_SECRETS", "{}")).contains("\"pepper\""));
  CHECK(refused(with("LNTPAY_SECRETS", R"({"pepper":"abc"})")).contains("\"pepper\""));
  for (const auto* url : {"localhost:2379", "http://root:hunter2@etcd:2379", "http://etcd:2379/", "http://etcd :2379", ","}) {
    const auto why = refused(with("LNTPAY_ETCD_URL", url));
    CHECK(why.starts_with("LNTPAY_ETCD_URL "));
    CHECK_FALSE(why.contains("hunter2"));
  }
  CHECK(refused(with("LNTPAY_ETCD_AUTHORIZATION", "Bearer a\nb")) == "LNTPAY_ETCD_AUTHORIZATION must be one line");
  for (const auto* network : {"mainnet", "regtset", "Bitcoin"})
    CHECK(refused(with("LNTPAY_LIVE_NETWORK", network)).starts_with("LNTPAY_LIVE_NETWORK is "));
  for (const auto* hosts : {"https://shop.example/", "shop.example:8443", "a.example,Shop.example"})
    CHECK(refused(with("LNTPAY_WEBHOOK_HOSTS", hosts)).starts_with("LNTPAY_WEBHOOK_HOSTS has "));
  CHECK(refused(with("LNTPAY_RATE_LIMIT", "abc")).starts_with("LNTPAY_RATE_LIMIT"));
  CHECK(refused(with("LNTPAY_RATE_LIMIT", "5/0")).starts_with("LNTPAY_RATE_LIMIT"));
  CHECK(refused(with("LNTPAY_RATE_LIMIT", "5/86401")).contains("from 1 to 86400"));
  CHECK(refused(with("LNTPAY_CHALLENGES_PER_GATE", "-1")).starts_with("LNTPAY_CHALLENGES_PER_GATE"));
  for (const auto* days : {"3651", "-1", "forever"})
    CHECK(refused(with("LNTPAY_KEEP_EVENTS_DAYS", days)).contains("from 0 to 3650"));
  CHECK(refused(with("LNTPAY_SEND_ONCE", "yes")).starts_with("LNTPAY_SEND_ONCE"));
  CHECK(refused(with("LNTPAY_LND_URL", "https://node")).starts_with("LNTPAY_LND_RECEIVE_TOKEN is missing"));
  CHECK_FALSE(refused(with("LNTPAY_SECRETS", secrets.substr(0, 90))).contains("1111"));  // never its content
}

}  // namespace wasi_settings_test
