// lnd's responses to invoices, their lookups and cancellations. Real ones: tests/lnd.
#include "core/lightning/node/lnd.hpp"

#include <doctest/doctest.h>

#include <string>

#include "core/base/encoding.hpp"
#include "core/crypto/sha256.hpp"
#include "core/lightning/bolt11/encode.hpp"
#include "core/lightning/node/sandbox_node.hpp"
#include "tests/support/lnd_answers.hpp"
#include "tests/support/scripted_node.hpp"

namespace lntpay::lnd_invoices_test {
namespace {

using test::an_error;
using test::answer;
using test::bare_error;
using test::broken;
using test::coffee;
using test::other_hash;
using test::payment_hash;
using test::preimage;
using test::Script;
using test::text;

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

}  // namespace lntpay::lnd_invoices_test
