// The fetcher against a test server: its requests, and its replies for missing, partial and whole responses.
#include <doctest/doctest.h>

#include <chrono>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/host/fetcher_world.hpp"

namespace fetcher_test {
using namespace lntpay;
using namespace lntpay::host;
using namespace lntpay::host::testing;

namespace {

/// The lines of a stream, up to its end.
struct StreamRecord {
  std::mutex mutex;
  std::vector<std::string> lines;
  std::promise<std::string> end;

  Streaming::Open listen(Fetcher& fetcher, Outgoing asked) {
    return fetcher.stream(
        std::move(asked),
        [this](std::string line) {
          const std::lock_guard lock(mutex);
          lines.push_back(std::move(line));
        },
        [this](std::string why) { end.set_value(std::move(why)); });
  }
  std::size_t count() {
    const std::lock_guard lock(mutex);
    return lines.size();
  }
};

}  // namespace

TEST_CASE("a webhook is posted to the checked address, following no redirect") {
  OneShotServer server("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\nX-A: b\r\ncontent-length: 4\r\n\r\nmove");
  Metrics metrics;
  std::string asked;
  Fetcher fetcher(
      [&](std::string_view url, std::span<const std::string> addresses) -> std::expected<void, std::string> {
        asked = std::string(url) + " " + addresses[0];
        return {};
      },
      metrics, {}, loopback);
  const Reply reply = exchange(fetcher, post(server.url("shop.example")));
  CHECK(text(reply) == "answered 302 move");
  CHECK(std::get<Answered>(reply).response.headers[1] == Header{"x-a", "b"});
  CHECK(asked == server.url("shop.example") + " 127.0.0.1");
  CHECK(server.received().starts_with("POST /hook HTTP/1.1\r\nHost: shop.example:"));
  CHECK(server.received().find("\r\ncontent-type: application/json\r\n") != std::string::npos);
}

TEST_CASE("nothing is sent to a forbidden address") {
  OneShotServer server("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
  Metrics metrics;
  Fetcher fetcher([](auto, auto) -> std::expected<void, std::string> { return std::unexpected("private address"); }, metrics,
                  {.refusals_every = std::chrono::milliseconds{0}}, loopback);
  CHECK(text(exchange(fetcher, post(server.url("shop.example")))) == "not sent: private address");
  CHECK(server.connections == 0);
}

TEST_CASE("an invalid request is not sent") {
  Metrics metrics;
  const Upstreams upstreams{{"lnd-receive", {.url = "http://gone.example", .header = "x: y"}}};
  Fetcher fetcher(allow_all, metrics, {.refusals_every = std::chrono::milliseconds{0}},
                  resolve_by([](const std::string& host) -> Resolved {
                    if (host == "gone.example") return std::unexpected(LookupError{.reason = "no such name"});
                    return Addresses{"127.0.0.1"};
                  }),
                  upstreams);
  CHECK(text(exchange(fetcher, post("http://gone.example/"))) == "not sent: name not found, or not a public address");
  Outgoing configured = post("/v1/invoices");
  configured.upstream = "lnd-receive";
  CHECK(text(exchange(fetcher, configured)) == "not sent: the name could not be resolved: no such name");
  CHECK(text(exchange(fetcher, post("http://127.0.0.1:1/"))).starts_with("not sent"));
  CHECK(text(exchange(fetcher, post("ftp://shop.example/"))).starts_with("not sent"));
  CHECK(text(exchange(fetcher, post("http://user:word@shop.example/"))).starts_with("not sent"));
  Outgoing injected = post("http://shop.example/");
  injected.headers.push_back({"x", "a\r\nb: c"});
  CHECK(text(exchange(fetcher, injected)).starts_with("not sent"));
  Outgoing other = post("/v1/invoices");
  other.upstream = "lnd-pay";
  CHECK(text(exchange(fetcher, other)) == "not sent: no upstream \"lnd-pay\" is configured");
}

TEST_CASE("a configured upstream gets its credential and needs no egress rule") {
  OneShotServer server("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
  Metrics metrics;
  const Upstreams upstreams{{"lnd-receive", {.url = server.url("127.0.0.1", ""), .header = "grpc-metadata-macaroon: 0201aa"}}};
  Fetcher fetcher([](auto, auto) -> std::expected<void, std::string> { return std::unexpected("private address"); }, metrics, {},
                  loopback, upstreams);
  Outgoing asked = post("/v1/invoices");
  asked.upstream = "lnd-receive";
  CHECK(text(exchange(fetcher, asked)) == "answered 200 {}");
  CHECK(server.received().starts_with("POST /v1/invoices HTTP/1.1\r\n"));
  CHECK(server.received().find("\r\ngrpc-metadata-macaroon: 0201aa\r\n") != std::string::npos);
  asked.target = "@elsewhere.example/";
  CHECK(text(exchange(fetcher, asked)) == "not sent: not a path");
  asked.target = "/v1/getinfo";
  asked.upstream = "lnd-pay";
  CHECK(text(exchange(fetcher, asked)) == "not sent: no upstream \"lnd-pay\" is configured");
}

TEST_CASE("a webhook to the node's address does not get the node's credential") {
  OneShotServer server("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
  Metrics metrics;
  const Upstreams upstreams{{"lnd-receive", {.url = server.url("127.0.0.1", ""), .header = "grpc-metadata-macaroon: 0201aa"}}};
  Fetcher fetcher(allow_all, metrics, {}, loopback, upstreams);
  CHECK(text(exchange(fetcher, post(server.url("127.0.0.1")))) == "answered 200 {}");
  CHECK(server.received().find("macaroon") == std::string::npos);
}

TEST_CASE("a connection that closes without a head gives NoAnswer") {
  OneShotServer server("");
  Metrics metrics;
  Fetcher fetcher(allow_all, metrics);
  CHECK(text(exchange(fetcher, post(server.url("127.0.0.1")))) == "no answer");
  CHECK(server.connections == 1);
}

TEST_CASE("a timeout gives NoAnswer before the head and Broken after it") {
  Metrics metrics;
  Fetcher fetcher(allow_all, metrics);
  OneShotServer silent("", true);
  Outgoing asked = post(silent.url("127.0.0.1"));
  asked.timeout_ms = 200;
  CHECK(text(exchange(fetcher, asked)) == "no answer");
  OneShotServer slow("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf", true);
  asked = post(slow.url("127.0.0.1"));
  asked.timeout_ms = 300;
  CHECK(text(exchange(fetcher, asked)) == "broken 200 half");
}

TEST_CASE("a truncated body gives Broken with the bytes received") {
  OneShotServer server("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf");
  Metrics metrics;
  Fetcher fetcher(allow_all, metrics);
  CHECK(text(exchange(fetcher, post(server.url("127.0.0.1")))) == "broken 200 half");
}

TEST_CASE("a body is read up to the requested bytes or lines") {
  OneShotServer server("HTTP/1.1 200 OK\r\n\r\none\ntwo\nthree\n", true);
  Metrics metrics;
  Fetcher fetcher(allow_all, metrics);
  Outgoing bytes = post(server.url("127.0.0.1"));
  bytes.body_limit = 5;
  CHECK(text(exchange(fetcher, bytes)) == "answered 200 one\nt");
  Outgoing lines = post(server.url("127.0.0.1"));
  lines.lines = 2;
  CHECK(text(exchange(fetcher, lines)) == "answered 200 one\ntwo\n");
}

TEST_CASE("a stream delivers whole lines without a deadline until it ends") {
  OneShotServer server("HTTP/1.1 200 OK\r\n\r\none\n\ntwo \xFF\nhalf");
  Metrics metrics;
  Fetcher fetcher(allow_all, metrics);
  StreamRecord record;
  const auto open = record.listen(fetcher, post(server.url("127.0.0.1")));
  CHECK(record.end.get_future().get() == "the server ended it");
  CHECK(record.lines == std::vector<std::string>{"one", "", "two \xEF\xBF\xBD"});
}

TEST_CASE("a stream ends on release, at a long line and at an error response") {
  Metrics metrics;
  Fetcher fetcher(allow_all, metrics);
  {
    OneShotServer server("HTTP/1.1 200 OK\r\n\r\none\n", true);
    StreamRecord record;
    auto open = record.listen(fetcher, post(server.url("127.0.0.1")));
    while (record.count() == 0) std::this_thread::yield();
    open.reset();
    CHECK(record.end.get_future().get() == "hung up");
  }
  {
    OneShotServer server("HTTP/1.1 200 OK\r\n\r\n" + std::string(2'000, 'x') + "\n", true);
    StreamRecord record;
    const auto open = record.listen(fetcher, post(server.url("127.0.0.1")));
    CHECK(record.end.get_future().get().contains("writ"));
    CHECK(record.count() == 0);
  }
  {
    OneShotServer server("HTTP/1.1 500 Oh\r\ncontent-length: 4\r\n\r\na\nb\n");
    StreamRecord record;
    const auto open = record.listen(fetcher, post(server.url("127.0.0.1")));
    CHECK(record.end.get_future().get() == "the server answered 500");
    CHECK(record.count() == 0);
  }
}

TEST_CASE("a response that is not UTF-8 is repaired") {
  OneShotServer server("HTTP/1.1 200 OK\r\nx: \xFF\r\ncontent-length: 2\r\n\r\na\xFF");
  Metrics metrics;
  Fetcher fetcher(allow_all, metrics);
  const Reply reply = exchange(fetcher, post(server.url("127.0.0.1")));
  CHECK(text(reply) == "answered 200 a\xEF\xBF\xBD");
  CHECK(std::get<Answered>(reply).response.headers[0].value == "\xEF\xBF\xBD");
}

TEST_CASE("a stopping fetcher replies to every exchange in progress") {
  OneShotServer silent("", true);
  Metrics metrics;
  std::promise<Reply> done;
  {
    Fetcher fetcher(allow_all, metrics);
    fetcher.fetch(post(silent.url("127.0.0.1")), [&done](Reply each) { done.set_value(std::move(each)); });
    while (silent.connections == 0) std::this_thread::yield();
  }
  const Reply reply = done.get_future().get();
  CHECK((std::holds_alternative<NotTried>(reply) || std::holds_alternative<NoAnswer>(reply)));
}

TEST_CASE("exchanges of webhooks are counted by how they ended, those of the node are not") {
  Metrics metrics;
  OneShotServer good("HTTP/1.1 204 No Content\r\n\r\n"), gone("HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n");
  OneShotServer busy("HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n"), cut("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf");
  const Upstreams upstreams{{"lnd-receive", {.url = good.url("127.0.0.1", ""), .header = "x: y"}}};
  Fetcher fetcher(allow_all, metrics, {}, resolve_by_system, upstreams);
  Outgoing to_node = post("/v1/invoices");
  to_node.upstream = "lnd-receive";
  CHECK(text(exchange(fetcher, to_node)) == "answered 204 ");
  for (const auto* server : {&good, &good, &gone, &busy, &cut}) exchange(fetcher, post(server->url("127.0.0.1")));
  exchange(fetcher, post("http://127.0.0.1:1/"));
  const auto count = [&](WebhookEnd end) { return metrics.webhook_attempts[static_cast<std::size_t>(end)].value(); };
  CHECK(count(WebhookEnd::succeeded) == 2);
  CHECK(count(WebhookEnd::gone) == 1);
  CHECK(count(WebhookEnd::failed) == 3);
  CHECK(count(WebhookEnd::not_tried) == 0);
}

}  // namespace fetcher_test
