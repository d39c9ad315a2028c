// lnd's responses when something fails: slow, truncated, repeated, foreign. Real ones: tests/lnd.
#include "core/lightning/node/lnd.hpp"

#include <doctest/doctest.h>

#include <string>

#include "core/base/encoding.hpp"
#include "core/crypto/sha256.hpp"
#include "core/lightning/bolt11/encode.hpp"
#include "core/lightning/node/sandbox_node.hpp"
#include "tests/support/scripted_node.hpp"

namespace lntpay {
namespace {

using test::answer;
using test::Script;
using test::text;

const Bytes32 preimage = sha256(bytes_of("a preimage"));
const Bytes32 payment_hash = sha256(preimage);
constexpr Bytes32 other_hash{1, 2, 3};

/// An update in lnd's form, with all members that are parsed and one that is not.
struct Update {
  std::string_view status = "IN_FLIGHT";
  std::string index = "3";
  Bytes32 hash = payment_hash;
  std::string preimage = std::string(64, '0');
  std::string fee = "0";
  std::string_view failure = "FAILURE_REASON_NONE";
  std::string htlcs = "[]";
};

std::string line(const Update& update) {
  return R"({"result":{"payment_hash":")" + hex(update.hash) + R"(","payment_preimage":")" + update.preimage + R"(","status":")" +
         std::string(update.status) + R"(","fee_msat":")" + update.fee + R"(","htlcs":)" + update.htlcs + R"(,"payment_index":")" +
         update.index + R"(","failure_reason":")" + std::string(update.failure) + "\"}}\n";
}
std::string in_flight() { return line({}); }
std::string failed() { return line({.status = "FAILED", .failure = "FAILURE_REASON_NO_ROUTE"}); }
std::string succeeded() { return line({.status = "SUCCEEDED", .preimage = hex(preimage), .fee = "1500"}); }
std::string error(std::uint64_t code, std::string_view message) {
  return R"({"error":{"code":)" + std::to_string(code) + R"(,"message":")" + std::string(message) + "\",\"details\":[]}}\n";
}
std::string bare_error(std::uint64_t code, std::string_view message) {
  return R"({"code":)" + std::to_string(code) + R"(, "message":")" + std::string(message) + R"(", "details":[]})";
}
std::string an_error() { return error(2, "the roof is on fire"); }

Reply broken(std::string body) { return Broken{{.status = 200, .headers = {}, .body = std::move(body)}, "reset"}; }

SendResult sent(Reply reply) {
  Script script;
  return script.play(LndNode(script.context())
                         .send_payment({.bolt11 = "lnbcrt…", .payment_hash = payment_hash, .amount = 5_sat, .fee_limit = 1_sat}),
                     {std::move(reply)});
}
Result<PaymentLookup> looked(Reply reply) {
  Script script;
  return script.play(LndNode(script.context()).look_up_payment(payment_hash), {std::move(reply)});
}

}  // namespace

TEST_CASE("a send without a final update or definite refusal is unclear") {
  struct Case {
    std::string_view what;
    Reply reply;
    std::string_view outcome;
  };
  const std::string_view no_end = "the response ended without a final update";
  const Case cases[] = {
      {"nothing left", NotSent{"no route to host"}, "refused: the request was not sent: no route to host"},
      {"no head within the time", NoAnswer{"time ran out"}, "unclear: no response: time ran out"},
      {"cut before the first line", broken(""), "unclear: the response was truncated: reset"},
      {"cut after a line", broken(in_flight()), "unclear, in_flight 3: the response was truncated: reset"},
      {"cut in the second line", broken(in_flight() + succeeded().substr(0, 150)),
       "unclear, in_flight 3: the response was truncated: reset"},
      {"cut after the end", broken(in_flight() + succeeded()), "unclear, succeeded 3, fee 1500: the response was truncated: reset"},
      {"cut after a refusal", Broken{{500, {}, error(2, "invoice expired. Valid until x")}, "reset"},
       "unclear: the node returned: invoice expired. Valid until x"},
      {"an empty 200", answer(200, ""), "unclear: the response ended without a final update"},
      {"the body's limit in the last line", answer(200, in_flight() + failed().substr(0, 200)),
       "unclear, in_flight 3: the response ended without a final update"},
      {"ends in flight", answer(200, in_flight()), "unclear, in_flight 3: the response ended without a final update"},
      {"an error after updates", answer(200, in_flight() + error(2, "invoice expired. Valid until x")),
       "unclear, in_flight 3: the node returned: invoice expired. Valid until x"},
      {"an error in a 200", answer(200, error(2, "permission denied")), "unclear: the node returned: permission denied"},
      {"a 500 whose text is not known", answer(500, an_error()), "unclear: the node returned: the roof is on fire"},
      {"a 500 of a proxy", answer(500, "<html>bad gateway</html>", {{"content-type", "text/html"}}),
       "unclear: the response ended without a final update"},
      {"a 409 that is not lnd's", answer(409, error(10, "aborted")), "unclear: the node returned: aborted"},
      {"a refusal after other text", answer(500, "noise\n" + error(2, "permission denied")),
       "unclear: the node returned: permission denied"},
      {"another payment's end", answer(200, line({.status = "FAILED", .hash = other_hash})),
       "unclear: the response ended without a final update"},
      {"a record without an index", answer(200, line({.status = "FAILED", .index = "0"})),
       "unclear: the response ended without a final update"},
      {"an unknown status", answer(200, line({.status = "UNKNOWN"})), "unclear: the response ended without a final update"},
      {"in flight with a reason", answer(200, line({.failure = "FAILURE_REASON_TIMEOUT"})),
       "unclear, in_flight 3: the response ended without a final update"},
      {"a final update on another status", answer(500, failed()),
       "unclear, failed 3 FAILURE_REASON_NO_ROUTE: the response ended without a final update"},
      {"noise after the end", answer(200, failed() + "noise\n"),
       "unclear, failed 3 FAILURE_REASON_NO_ROUTE: the response ended without a final update"},
      {"in flight after failed", answer(200, failed() + in_flight()),
       "unclear, in_flight 3: the response ended without a final update"},
      {"an error without end", answer(500, error(2, std::string(100'000, 'x'))),
       "unclear: the response ended without a final update"},
  };
  for (const auto& each : cases) {
    CAPTURE(each.what);
    CHECK(text(sent(each.reply)) == each.outcome);
  }
  CHECK(text(sent(answer(200, "[]\n"))) == "unclear: " + std::string(no_end));
}

TEST_CASE("a final update ends a send in any framing") {
  CHECK(text(sent(answer(200, in_flight() + in_flight() + failed() + failed()))) == "finished: failed 3 FAILURE_REASON_NO_ROUTE");
  CHECK(text(sent(answer(200, succeeded()))) == "finished: succeeded 3, fee 1500");
  CHECK(text(sent(answer(200, "noise\n" + succeeded(), {{"content-type", "text/plain"}}))) == "finished: succeeded 3, fee 1500");
  CHECK(text(sent(answer(200, succeeded().substr(0, succeeded().size() - 1)))) == "finished: succeeded 3, fee 1500");
  CHECK(text(sent(answer(200, line({.status = "FAILED", .failure = "FAILURE_REASON_OF_TOMORROW"})))) ==
        "finished: failed 3 FAILURE_REASON_OF_TOMORROW");
  CHECK(text(sent(answer(200, line({.status = "FAILED"})))) == "finished: failed 3 FAILURE_REASON_NONE");
  CHECK(sent(answer(200, succeeded())).seen->preimage == preimage);
}

TEST_CASE("a proven success is final, an unproven one does not count") {
  CHECK(text(sent(answer(200, succeeded() + failed()))) == "finished: succeeded 3, fee 1500");
  const auto unproven = "unclear, in_flight 3 SUCCEEDED without a preimage or fee: the response ended without a final update";
  for (const auto& wrong :
       {std::string(64, '0'), hex(preimage).substr(2), hex(preimage) + "00", std::string{}, hex(payment_hash)}) {
    CAPTURE(wrong);
    CHECK(text(sent(answer(200, line({.status = "SUCCEEDED", .preimage = wrong})))) == unproven);
  }
  for (const auto* const fee : {"", "-1", "1.5", "18446744073709551615", "2100000000000000001"}) {
    CAPTURE(fee);
    CHECK(text(sent(answer(200, line({.status = "SUCCEEDED", .preimage = hex(preimage), .fee = fee})))) == unproven);
  }
}

TEST_CASE("a payment of very many attempts is parsed like one of few") {
  std::string htlcs = R"([{"route":{"hops":[{"fee_msat":"1"}]}})";
  for (int i = 0; i < 20'000; ++i)
    htlcs += R"(,{"attempt_id":"1","route":{"hops":[{"chan_id":"1","fee_msat":"1"}]},"failure":null})";
  htlcs += "]";
  CHECK(text(sent(answer(200, line({.status = "SUCCEEDED", .preimage = hex(preimage), .fee = "7", .htlcs = htlcs})))) ==
        "finished: succeeded 3, fee 7");
}

TEST_CASE("a send states the fee limit always, the amount only if the invoice does not") {
  Script script;
  LndNode node(script.context());
  const PaymentOrder order{.bolt11 = "lnbcrt1x", .payment_hash = payment_hash, .amount = 5_sat, .fee_limit = 0_msat};
  script.play(node.send_payment(order), {NotSent{}});
  CHECK(script.asked[0].body == R"({"payment_request":"lnbcrt1x","fee_limit_msat":"0","timeout_seconds":60})");
  CHECK(script.asked[0].upstream == "lnd-pay");
  CHECK(script.asked[0].once);
  CHECK(script.asked[0].timeout_ms == 75'000);
  CHECK(script.asked[0].headers == std::vector<Header>{{"content-type", "application/json"}});
  auto open = order;
  open.amount_stated = false;
  open.fee_limit = 21_msat;
  script.play(node.send_payment(open), {NotSent{}});
  CHECK(script.asked[1].body == R"({"payment_request":"lnbcrt1x","amt_msat":"5000","fee_limit_msat":"21","timeout_seconds":60})");
}

TEST_CASE("a lookup takes lnd's first line, even if the response breaks after it") {
  const Header date{"date", "Sun, 06 Nov 1994 08:49:37 GMT"};
  CHECK(text(looked(answer(200, in_flight(), {date}))) == "in_flight 3 at 784111777000");
  CHECK(text(looked(answer(200, succeeded() + in_flight(), {date}))) == "succeeded 3, fee 1500 at 784111777000");
  CHECK(text(looked(Broken{{200, {date}, failed()}, "reset"})) == "failed 3 FAILURE_REASON_NO_ROUTE at 784111777000");
  CHECK(text(looked(answer(404, error(5, "payment isn't initiated"), {date}))) == "not_found at 784111777000");
}

TEST_CASE("a lookup without lnd's clock counts as before any expiry") {
  CHECK(text(looked(answer(200, failed()))) == "failed 3 FAILURE_REASON_NO_ROUTE at 0");
  CHECK(text(looked(answer(404, error(5, "payment isn't initiated"), {{"date", "yesterday"}}))) == "not_found at 0");
}

TEST_CASE("a lookup fails on any response but lnd's own") {
  const Reply replies[] = {
      NotSent{"refused"},
      NoAnswer{"time ran out"},
      broken(""),
      broken(in_flight().substr(0, 100)),
      Broken{{404, {}, error(5, "payment isn't initiated")}, "reset"},
      answer(200, ""),
      answer(200, "<html/>"),
      answer(200, error(5, "payment isn't initiated")),
      answer(404, error(5, "Not Found")),
      answer(404, bare_error(5, "Not Found")),
      answer(404, error(2, "payment isn't initiated")),
      answer(404, "no such page"),
      answer(500, in_flight()),
      answer(500, an_error()),
      answer(200, line({.hash = other_hash})),
      answer(200, line({.status = ""})),
      answer(200, line({.index = "x"})),
  };
  for (const auto& reply : replies) {
    const auto look = looked(reply);
    CAPTURE(text(look));
    CHECK((!look && look.error().code == ErrorCode::node_unavailable));
  }
}

namespace {

const InvoiceRequest coffee{.preimage = preimage, .amount = 21_sat, .description = "one coffee", .expiry_s = 600};

std::string written(const InvoiceRequest& asked, bolt11::Network network = bolt11::Network::regtest) {
  const bolt11::Invoice invoice{.network = network,
                                .amount = asked.amount,
                                .timestamp_s = 1'800'000'000,
                                .payment_hash = sha256(asked.preimage),
                                .description = asked.description,
                                .expiry_s = asked.expiry_s,
                                .features = {8, 14}};
  return bolt11::encode(invoice, sandbox_key("an lnd")).value();
}

std::string made(const std::string& bolt11) { return R"({"r_hash":"", "payment_request":")" + bolt11 + R"(", "add_index":"2"})"; }

std::string looked_up(std::string_view state, const std::string& bolt11, std::string_view paid = "0") {
  return R"({"memo":"one coffee", "r_hash":")" + base64(Base64::standard, payment_hash) +
         R"(", "value_msat":"21000", "creation_date":"1800000000", "settle_date":"1800000100", "payment_request":")" + bolt11 +
         R"(", "expiry":"600", "amt_paid_msat":")" + std::string(paid) + R"(", "state":")" + std::string(state) +
         R"(", "htlcs":[{"state":"SETTLED"}]})";
}

Result<NodeInvoice> added(const InvoiceRequest& asked, std::vector<Reply> replies) {
  Script script;
  return script.play(LndNode(script.context()).add_invoice(asked), std::move(replies));
}
Result<std::optional<NodeInvoice>> found(Reply reply) {
  Script script;
  return script.play(LndNode(script.context()).lookup(payment_hash), {std::move(reply)});
}
Result<> canceled(std::vector<Reply> replies) {
  Script script;
  return script.play(LndNode(script.context()).cancel(payment_hash), std::move(replies));
}

const std::string already_there = bare_error(2, "invoice with payment hash already exists");

}  // namespace

TEST_CASE("an invoice is requested with our preimage and parsed from lnd's text") {
  Script script;
  LndNode node(script.context());
  const auto bolt11 = written(coffee);
  CHECK(text(script.play(node.add_invoice(coffee), {answer(200, made(bolt11))})) == "open of 21000, expires 1800000600000");
  CHECK(script.asked[0].upstream == "lnd-receive");
  CHECK(script.asked[0].body == R"({"r_preimage":")" + base64(Base64::standard, preimage) +
                                    R"(","value_msat":"21000","expiry":"600","memo":"one coffee"})");
  auto hashed = coffee;
  hashed.description = bolt11::DescriptionHash{other_hash};
  CHECK(script.play(node.add_invoice(hashed), {answer(200, made(written(hashed)))})->bolt11 == written(hashed));
  CHECK(script.asked[1].body.ends_with(R"("expiry":"600","description_hash":")" + base64(Base64::standard, other_hash) + "\"}"));
}

TEST_CASE("an existing invoice is read back in any state") {
  const auto bolt11 = written(coffee);
  CHECK(text(added(coffee, {answer(500, already_there), answer(200, looked_up("OPEN", bolt11))})) ==
        "open of 21000, expires 1800000600000");
  CHECK(text(added(coffee, {answer(500, already_there), answer(200, looked_up("SETTLED", bolt11, "22000"))})) ==
        "settled 22000 of 21000 at 1800000100000, expires 1800000600000");
  CHECK(text(added(coffee, {answer(500, already_there), answer(404, bare_error(5, "unable to locate invoice"))}))
            .starts_with("node_unavailable"));
}

TEST_CASE("an invoice that differs from the request is rejected, new or read back") {
  auto dearer = coffee, longer = coffee, tea = coffee, other = coffee, hashed = coffee;
  dearer.amount = 22_sat;
  longer.expiry_s = 601;
  tea.description = "one tea";
  other.preimage = other_hash;
  hashed.description = bolt11::DescriptionHash{sha256(bytes_of("one coffee"))};
  const std::string_view broken_rule = "internal_error: invariant broken: the node's invoice matches the request";
  for (const auto& bolt11 : {written(dearer), written(longer), written(tea), written(other), written(hashed),
                             written(coffee, bolt11::Network::bitcoin), written(coffee) + "q", std::string("lnbcrt1")}) {
    CAPTURE(bolt11);
    CHECK(text(added(coffee, {answer(200, made(bolt11))})) == broken_rule);
    CHECK(text(added(coffee, {answer(500, already_there), answer(200, looked_up("OPEN", bolt11))})) == broken_rule);
  }
}

TEST_CASE("an invoice lookup fails on any response but lnd's own") {
  const Reply replies[] = {
      NotSent{"refused"},
      NoAnswer{"time ran out"},
      Broken{{200, {}, looked_up("OPEN", "lnbcrt1")}, "reset"},
      answer(200, ""),
      answer(200, "{}"),
      answer(200, "<html/>"),
      answer(200, looked_up("OPEN", "lnbcrt1").substr(0, 100)),
      answer(200, bare_error(5, "unable to locate invoice")),
      answer(404, ""),
      answer(404, bare_error(5, "Not Found")),
      answer(404, bare_error(2, "unable to locate invoice")),
      answer(500, an_error()),
      answer(502, "bad gateway"),
  };
  for (const auto& reply : replies) {
    const auto seen = found(reply);
    CAPTURE(text(seen));
    CHECK((!seen && seen.error().code == ErrorCode::node_unavailable));
    const auto made_one = added(coffee, {reply});
    CAPTURE(text(made_one));
    CHECK((!made_one && made_one.error().code == ErrorCode::node_unavailable));
  }
  for (const auto* const state : {"", "open", "EXPIRED"})
    CHECK(text(found(answer(200, looked_up(state, "lnbcrt1")))).starts_with("node_unavailable"));
  CHECK(text(found(answer(200, looked_up("SETTLED", "lnbcrt1", "-1")))).starts_with("node_unavailable"));
  CHECK(text(found(answer(200, looked_up("SETTLED", "lnbcrt1", "18446744073709551615")))).starts_with("node_unavailable"));
  CHECK(text(found(answer(200, looked_up("OPEN", "")))).starts_with("node_unavailable"));
}

TEST_CASE("both of lnd's texts for a missing invoice are recognised") {
  CHECK(text(found(answer(404, bare_error(5, "unable to locate invoice")))) == "missing");
  CHECK(text(found(answer(404, bare_error(5, "there are no existing invoices")))) == "missing");
}

TEST_CASE("a known refusal of lnd reaches the caller with its reason") {
  CHECK(text(found(answer(500, bare_error(2, "wallet locked, unlock it to enable full RPC access")))) ==
        "node_unavailable: The Lightning node refused the request: the node's wallet is locked.");
  CHECK(text(found(answer(500, bare_error(2, "dial tcp 10.0.0.1:10009")))) ==
        "node_unavailable: The Lightning node refused the request.");
}

TEST_CASE("a cancel succeeds if lnd confirms it or the invoice is no longer open") {
  const auto refused = answer(500, bare_error(2, "invoice already settled"));
  CHECK(text(canceled({answer(200, "{}")})) == "done");
  CHECK(text(canceled({refused, answer(200, looked_up("SETTLED", "lnbcrt1", "21000"))})) == "done");
  CHECK(text(canceled({refused, answer(200, looked_up("CANCELED", "lnbcrt1"))})) == "done");
  CHECK(text(canceled({refused, answer(404, bare_error(5, "unable to locate invoice"))})).starts_with("not_found"));
  CHECK(text(canceled({refused, answer(200, looked_up("OPEN", "lnbcrt1"))})).starts_with("node_unavailable"));
  CHECK(text(canceled({refused, NoAnswer{"time ran out"}})).starts_with("node_unavailable"));
  CHECK(text(canceled({NoAnswer{"time ran out"}})).starts_with("node_unavailable"));
}

TEST_CASE("an open invoice is polled soon when new or just expired, then less often") {
  const UnixMillis made_at{1'800'000'000'000};
  const auto expires_at = made_at + hours(1);
  const auto wait_at = [&](Millis age) { return (lnd::next_poll_at(made_at, expires_at, made_at + age) - (made_at + age)).value; };
  CHECK(wait_at(seconds(-5)) == 2'000);
  CHECK(wait_at(seconds(0)) == 2'000);
  CHECK(wait_at(seconds(40)) == 10'000);
  CHECK(wait_at(minutes(30)) == 300'000);
  CHECK(wait_at(minutes(59)) == 60'000);
  CHECK(wait_at(hours(1)) == 2'000);
  CHECK(wait_at(minutes(61)) == 15'000);
  CHECK(wait_at(days(3)) == 300'000);
}

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

}  // namespace lntpay
