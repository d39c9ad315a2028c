// lnd's responses to payments and lookups of them when something fails: slow, truncated, repeated, foreign. Real ones: tests/lnd.
#include "core/lightning/node/lnd.hpp"

#include <doctest/doctest.h>

#include <string>

#include "core/base/encoding.hpp"
#include "tests/support/lnd_answers.hpp"
#include "tests/support/scripted_node.hpp"

namespace lntpay::lnd_sends_test {
namespace {

using test::an_error;
using test::answer;
using test::bare_error;
using test::broken;
using test::error;
using test::failed;
using test::in_flight;
using test::line;
using test::other_hash;
using test::payment_hash;
using test::preimage;
using test::Script;
using test::succeeded;
using test::text;

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

}  // namespace lntpay::lnd_sends_test
