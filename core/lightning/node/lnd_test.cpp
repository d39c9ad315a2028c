// lnd's identity, readiness, funds and capacity. Real responses: tests/lnd.
#include "core/lightning/node/lnd.hpp"

#include <doctest/doctest.h>

#include <string>

#include "core/base/encoding.hpp"
#include "core/lightning/node/sandbox_node.hpp"
#include "tests/support/lnd_answers.hpp"
#include "tests/support/scripted_node.hpp"

namespace lntpay::lnd_test {
namespace {

using test::an_error;
using test::answer;
using test::bare_error;
using test::coffee;
using test::failed;
using test::payment_hash;
using test::Script;
using test::text;

}  // namespace

TEST_CASE("lnd's identity is a public key in hex, from the paying upstream") {
  Script script;
  LndNode node(script.context());
  const auto key = hex(public_key(sandbox_key("an lnd")).bytes);
  const auto info = [](std::string_view identity) {
    return answer(200, R"({"identity_pubkey":")" + std::string(identity) + "\"}");
  };
  CHECK(text(script.play(node.identity(), {info(key)})) == key);
  CHECK(script.asked[0].upstream == "lnd-pay");
  for (const auto& wrong : {std::string{}, key.substr(2), key + "00", std::string(66, '0')})
    CHECK(text(script.play(node.identity(), {info(wrong)})).starts_with("node_unavailable"));
}

TEST_CASE("requests to lnd carry no macaroon, and every response has a size limit") {
  Script script;
  LndNode node(script.context());
  script.play(node.add_invoice(coffee), {NotSent{}});
  script.play(node.lookup(payment_hash), {NotSent{}});
  script.play(node.cancel(payment_hash), {NotSent{}});
  script.play(node.identity(), {NotSent{}});
  script.play(node.look_up_payment(payment_hash), {NotSent{}});
  script.play(node.send_payment({.bolt11 = "lnbcrt1x"}), {NotSent{}});
  for (const auto& asked : script.asked) {
    CAPTURE(asked.target);
    CHECK(asked.body_limit == 8U << 20);
    CHECK(asked.timeout_ms >= 15'000);
    CHECK((asked.method == "POST") == !asked.headers.empty());
    CHECK(asked.once == (asked.target == "/v2/router/send"));
    for (const auto& header : asked.headers) CHECK(header.name == "content-type");
  }
}

TEST_CASE("live uses lnd if a node is configured, else no node") {
  Script script;
  const TenantScope live{.environment = Environment::live, .workspace = {}};
  CHECK(node_of(script.context(), live) == nullptr);
  script.settings.live_node = true;
  script.play(node_of(script.context(), live)->identity(), {NotSent{}});
  CHECK(script.asked.at(0).target == "/v1/getinfo");
}

TEST_CASE("the node is ready if reachable, on our network and synced; else why not") {
  const auto state = [](Reply reply) {
    Script script;
    return script.play(LndNode(script.context()).state(), {std::move(reply)});
  };
  const auto info = [](std::string_view network, std::string_view synced) {
    return answer(200, R"({"identity_pubkey":"02", "synced_to_chain":)" + std::string(synced) +
                           R"(, "chains":[{"chain":"bitcoin", "network":")" + std::string(network) +
                           R"("}], "features":{"0":{"name":"x"}}})");
  };
  const auto of = [](std::string_view status, std::string_view reason) {
    return R"({"status":")" + std::string(status) + R"(","reason":")" + std::string(reason) + "\"}";
  };
  CHECK(state(info("regtest", "true")) == R"({"status":"ready","reason":null})");
  CHECK(state(info("mainnet", "true")) == of("another_network", "the node is on bitcoin, but live_network is regtest"));
  CHECK(state(info("regtest", "false")) == of("behind", "the node is not synced to its chain"));
  CHECK(state(answer(500, bare_error(2, "wallet locked, unlock it to enable full RPC access"))) ==
        of("unavailable", "the node's wallet is locked"));
  CHECK(state(answer(500, bare_error(2, "verification failed: signature mismatch after caveat verification"))) ==
        of("unavailable", "the node does not accept the macaroon"));
  CHECK(state(answer(500, an_error())) == of("unavailable", "the node refuses to identify itself"));
  CHECK(state(answer(404, "not here")) == of("unavailable", "the response is not lnd's"));
  CHECK(state(answer(200, "{}")) == of("unavailable", "the response is not lnd's"));
  CHECK(state(NotSent{"Couldn't connect to server"}) == of("unavailable", "Couldn't connect to server"));
  CHECK(state(NoAnswer{"time ran out"}) == of("unavailable", "time ran out"));
}

TEST_CASE("the node's funds are its channel balances and outgoing payments") {
  Script script;
  const auto balance = R"({"local_balance":{"sat":"8", "msat":"8000"}, "remote_balance":{"sat":"7", "msat":"7000"},
    "unsettled_local_balance":{"sat":"1", "msat":"1000"}, "unsettled_remote_balance":{"sat":"2", "msat":"2500"}})";
  const auto funds = script.play(LndNode(script.context()).funds(), {answer(200, balance)});
  REQUIRE((funds && *funds));
  CHECK(**funds == Msat{10'500});
  CHECK(script.asked[0].upstream == "lnd-receive");
  CHECK_FALSE(script.play(LndNode(script.context()).funds(), {answer(500, bare_error(2, "permission denied"))}));
}

TEST_CASE("receiving capacity: remote balances, and the smallest forward") {
  const auto channel = [](std::string_view id, std::string_view there) {
    return R"({"active":true, "chan_id":")" + std::string(id) + R"(", "remote_pubkey":"peer )" + std::string(id) +
           R"(", "remote_balance":")" + std::string(there) + R"(", "remote_chan_reserve_sat":"100", "local_constraints":{"a":{}}})";
  };
  const auto edge = [](std::string_view first, std::string_view one, std::string_view two) {
    return answer(200, R"({"channel_id":"1", "node1_pub":")" + std::string(first) + R"(", "node2_pub":"us", "node1_policy":)" +
                           std::string(one) + R"(, "node2_policy":)" + std::string(two) + "}");
  };
  const auto policy = [](std::string_view min_htlc, std::string_view disabled = "false") {
    return R"({"min_htlc":")" + std::string(min_htlc) + R"(", "disabled":)" + std::string(disabled) + "}";
  };
  const auto said = [](std::vector<Reply> replies) -> std::string {
    Script script;
    return script.play(LndNode(script.context()).receivable(), std::move(replies));
  };
  const auto of = [](int capacity, std::string_view smallest) {
    return R"({"capacity_msat":)" + std::to_string(capacity) + R"(,"smallest_msat":)" + std::string(smallest) + "}";
  };
  const auto all = [](std::string channels) { return answer(200, R"({"channels":[)" + channels + "]}"); };
  CHECK(said({all("")}) == of(0, "null"));
  CHECK(said({all(channel("7", "100"))}) == of(0, "null"));  // all of it is the peer's reserve
  CHECK(said({all(channel("7", "150")), edge("peer 7", policy("1000"), policy("1"))}) == of(50000, "1000"));
  CHECK(said({all(channel("7", "150")), edge("us", policy("1"), policy("0"))}) == of(50000, "1"));
  CHECK(said({all(channel("7", "150")), edge("peer 7", "null", policy("1"))}) == of(50000, "null"));
  CHECK(said({all(channel("7", "150")), edge("peer 7", policy("1", "true"), policy("1"))}) == of(50000, "null"));
  CHECK(said({all(channel("7", "150")), answer(404, bare_error(5, "edge not found"))}) == of(50000, "null"));
  CHECK(said({answer(500, bare_error(2, "permission denied"))}) == R"({"reason":"the macaroon does not allow this call"})");
  CHECK(said({answer(200, "{}")}) == R"({"reason":"the response is not lnd's"})");
  CHECK(said({NoAnswer{"time ran out"}}) == R"({"reason":"the node does not respond"})");
}

TEST_CASE("capacity counts a thousand channels and reads the policies of twenty") {
  std::string channels;
  for (int i = 0; i < 1'000; ++i) {
    channels += (i == 0 ? "" : ",");
    channels += R"({"chan_id":"1", "remote_pubkey":"p", "remote_balance":"2", "remote_chan_reserve_sat":"1")";
    for (int more = 0; more < 30; ++more) channels += ",\"m" + std::to_string(more) + "\":\"0\"";
    channels += "}";
  }
  Script script;
  std::vector<Reply> replies{answer(200, R"({"channels":[)" + channels + "]}")};
  for (int i = 0; i < 20; ++i) replies.push_back(NoAnswer{"time ran out"});
  const auto receivable = script.play(LndNode(script.context()).receivable(), std::move(replies));
  CHECK(receivable == R"({"capacity_msat":1000000,"smallest_msat":null})");
  CHECK(script.asked.size() == 21);
  CHECK(script.asked[1].target == "/v1/graph/edge/1");
}

}  // namespace lntpay::lnd_test
