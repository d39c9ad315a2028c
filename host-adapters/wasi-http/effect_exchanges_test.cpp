// The calls of each effect and the steps after each response. Against etcd itself: tests/e2e/wasmtime-serve.
#include "host-adapters/wasi-http/effect_exchanges.hpp"

#include <doctest/doctest.h>

namespace effect_exchanges_test {
using namespace lntpay;
using namespace lntpay::wasi_http;

namespace {

const UnixMillis noon{1'700'000'000'000};

Outside outside() {
  return {.etcd_urls = {"http://a:2379", "http://b:2379"},
          .space = host::EtcdSpace("l/"),
          .upstreams = {{"lnd-pay", "https://node:8443", "token-of-pay"}}};
}

Reply response(std::uint16_t status, std::string body) { return Answered{{status, {}, std::move(body)}}; }

template <class Kind>
Kind the(Next next) {
  auto* found = std::get_if<Kind>(&next);
  REQUIRE(found != nullptr);
  return std::move(*found);
}

template <class Kind>
bool ends_as(const Next& next) {
  const auto* reply = std::get_if<Reply>(&next);
  return reply != nullptr && std::holds_alternative<Kind>(*reply);
}

const std::string found_a_at_7 =
    R"({"header":{},"succeeded":true,"responses":[{"response_range":{"kvs":[{"key":"bC9h","value":"MQ==","mod_revision":"7"}]}}]})";

}  // namespace

TEST_CASE("a get is one exchange with etcd") {
  const auto where = outside();
  StoreSilence silence;
  EffectExchanges work(where, silence, Get{{"a"}});
  const auto call = the<HttpCall>(work.begin(noon));
  CHECK(call.method == "POST");
  CHECK(call.url == "http://a:2379/v3/kv/txn");
  CHECK(ends_as<Entries>(work.answered(noon, response(200, found_a_at_7))));
}

TEST_CASE("calls to etcd carry the configured authorization") {
  auto where = outside();
  StoreSilence silence;
  CHECK(the<HttpCall>(EffectExchanges(where, silence, Get{{"a"}}).begin(noon)).headers.size() == 1);
  where.etcd_authorization = "Bearer of-etcd";
  CHECK(the<HttpCall>(EffectExchanges(where, silence, Get{{"a"}}).begin(noon)).headers.back() ==
        Header{"authorization", "Bearer of-etcd"});
}

TEST_CASE("an effect outside the store's limits is not sent") {
  const auto where = outside();
  StoreSilence silence;
  EffectExchanges work(where, silence, Get{{""}});
  CHECK(ends_as<Failed>(work.begin(noon)));
}

TEST_CASE("another member of etcd is tried if nothing was sent, or for a read") {
  const auto where = outside();
  StoreSilence silence;
  EffectExchanges work(where, silence, Commit{{}, {Put{"a", "1"}}});
  the<HttpCall>(work.begin(noon));
  const auto second = the<HttpCall>(work.answered(noon, NotSent{"refused"}));
  CHECK(second.url == "http://b:2379/v3/kv/txn");
  CHECK(ends_as<Failed>(work.answered(noon, NotSent{"refused"})));

  EffectExchanges lost(where, silence, Commit{{}, {Put{"a", "1"}}});
  the<HttpCall>(lost.begin(noon));
  CHECK(ends_as<Unknown>(lost.answered(noon, NoAnswer{"reset"})));

  StoreSilence other_session;
  EffectExchanges read(where, other_session, Get{{"a"}});
  the<HttpCall>(read.begin(noon));
  CHECK(the<HttpCall>(read.answered(noon, NoAnswer{"reset"})).url == "http://b:2379/v3/kv/txn");
  CHECK(ends_as<Entries>(read.answered(noon, response(200, found_a_at_7))));
}

TEST_CASE("volatile rows are put under the hour's lease, granted when missing") {
  const auto where = outside();
  StoreSilence silence;
  EffectExchanges work(where, silence, Commit{{}, {Put{"~7K/a", "1"}}});
  const auto first = the<HttpCall>(work.begin(noon));
  CHECK(first.body.contains(R"("lease":"5498424897640543390")"));
  const auto refused = response(404, R"({"error":"etcdserver: requested lease not found","code":5})");
  const auto grant = the<HttpCall>(work.answered(noon, refused));
  CHECK(grant.url == "http://a:2379/v3/lease/grant");
  CHECK(grant.body == R"({"ID":"5498424897640543390","TTL":"7200"})");
  // Another instance was faster: the lease exists.
  const auto again = the<HttpCall>(work.answered(noon, response(400, R"({"error":"etcdserver: lease already exists","code":9})")));
  CHECK(again.body == first.body);
  SUBCASE("and then it is committed") {
    CHECK(ends_as<Committed>(work.answered(noon, response(200, R"({"header":{},"succeeded":true})"))));
  }
  SUBCASE("it is made once") { CHECK(ends_as<Failed>(work.answered(noon, refused))); }
  CHECK(work.may_be_lost());
  SUBCASE("durable rows have none") {
    EffectExchanges durable(where, silence, Commit{{}, {Put{"7K/a", "1"}}});
    CHECK_FALSE(durable.may_be_lost());
    CHECK_FALSE(the<HttpCall>(durable.begin(noon)).body.contains("lease"));
  }
}

TEST_CASE("a wait polls with backoff until a row changes or its time ends") {
  const auto where = outside();
  StoreSilence silence;
  EffectExchanges work(where, silence, WaitFor{{{"a", 7}}, noon + seconds(10)});
  the<HttpCall>(work.begin(noon));
  std::int64_t last = 0;
  for (int i = 0; i < 8; ++i) {
    const auto backoff = the<Backoff>(work.answered(noon, response(200, found_a_at_7)));
    CHECK(backoff.span.value >= last);
    CHECK(backoff.span.value <= 1'000);
    last = backoff.span.value;
    the<HttpCall>(work.begin(noon));
  }
  SUBCASE("a backoff ends with the wait") {
    CHECK(the<Backoff>(work.answered(noon + Millis{9'990}, response(200, found_a_at_7))).span == Millis{10});
  }
  SUBCASE("its time has ended") { CHECK(ends_as<Woken>(work.answered(noon + seconds(10), response(200, found_a_at_7)))); }
  SUBCASE("the row is gone") {
    CHECK(ends_as<Woken>(work.answered(noon, response(200, R"({"header":{},"responses":[{"response_range":{}}]})"))));
  }
  SUBCASE("the store is down: the session reads for itself") {
    the<HttpCall>(work.answered(noon, NoAnswer{"reset"}));
    CHECK(ends_as<Woken>(work.answered(noon, NoAnswer{"reset"})));
  }
}

TEST_CASE("a session asks a store that does not respond twice, and not again") {
  const auto where = outside();
  StoreSilence silence;
  const auto commit = [&] {
    EffectExchanges work(where, silence, Commit{{}, {Put{"a", "1"}}});
    const auto next = work.begin(noon);
    return std::holds_alternative<HttpCall>(next) ? work.answered(noon, NoAnswer{"timed out"}) : next;
  };
  CHECK(ends_as<Unknown>(commit()));
  SUBCASE("a response in between ends the silence") {
    EffectExchanges read(where, silence, Get{{"a"}});
    the<HttpCall>(read.begin(noon));
    the<HttpCall>(read.answered(noon, NoAnswer{"timed out"}));  // by one member of two
    CHECK(ends_as<Entries>(read.answered(noon, response(200, found_a_at_7))));
    CHECK(ends_as<Unknown>(commit()));
  }
  CHECK(ends_as<Unknown>(commit()));
  CHECK(ends_as<Failed>(commit()));
  CHECK(ends_as<Failed>(EffectExchanges(where, silence, Get{{"a"}}).begin(noon)));
  CHECK(ends_as<Failed>(EffectExchanges(where, silence, Range{"a", "", 1, false}).begin(noon)));
  CHECK(ends_as<Woken>(EffectExchanges(where, silence, WaitFor{{{"a", 7}}, noon + seconds(10)}).begin(noon)));
  CHECK(std::holds_alternative<HttpCall>(
      EffectExchanges(where, silence, Outgoing{.upstream = "webhook", .method = "POST", .target = "https://shop.example/h"})
          .begin(noon)));
}

TEST_CASE("a node gets its upstream's token, and a webhook no credential") {
  const auto where = outside();
  StoreSilence silence;
  const Outgoing payment{.upstream = "lnd-pay",
                         .method = "POST",
                         .target = "/v2/router/send",
                         .headers = {{"authorization", "mine"}},
                         .body = "{}",
                         .timeout_ms = 5,
                         .lines = 1,
                         .body_limit = 9};
  const auto call = the<HttpCall>(EffectExchanges(where, silence, payment).begin(noon));
  CHECK(call.url == "https://node:8443/v2/router/send");
  CHECK(call.headers == std::vector<Header>{{"authorization", "Bearer token-of-pay"}});
  CHECK(call.timeout_ms == 5);
  CHECK(call.lines == 1);
  CHECK(call.body_limit == 9);

  const Outgoing hook{.upstream = "webhook", .method = "POST", .target = "https://shop.example/h", .headers = {{"x", "y"}}};
  const auto to_shop = the<HttpCall>(EffectExchanges(where, silence, hook).begin(noon));
  CHECK(to_shop.url == "https://shop.example/h");
  CHECK(to_shop.headers == hook.headers);

  CHECK(ends_as<NotSent>(EffectExchanges(where, silence, Outgoing{.upstream = "lnd-receive"}).begin(noon)));
}

TEST_CASE("a fetch's result becomes the effect's reply") {
  const auto where = outside();
  StoreSilence silence;
  EffectExchanges work(where, silence, Outgoing{.upstream = "webhook", .method = "POST", .target = "https://shop.example/h"});
  the<HttpCall>(work.begin(noon));
  CHECK(ends_as<NoAnswer>(work.answered(noon, NoAnswer{"reset"})));
}

}  // namespace effect_exchanges_test
