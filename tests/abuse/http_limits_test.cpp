// Limits of the HTTP server over real sockets, each at n-1, n and n+1, and the requests that end a connection.
#include <doctest/doctest.h>

#include <chrono>
#include <deque>
#include <string>
#include <thread>

#include "tests/abuse/test_server.hpp"

namespace http_limits_test {
using namespace lntpay;
using namespace lntpay::host;
using namespace lntpay::host::testing;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

std::string get(const std::string& target, const std::string& fields = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + fields + "\r\n";
}

std::string post(const std::string& fields, const std::string& body) {
  return "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + fields + "\r\n" + body;
}

std::string post(const std::string& body) { return post("Content-Length: " + std::to_string(body.size()) + "\r\n", body); }

std::string chunked(const std::string& body) {
  std::string text;
  for (std::size_t at = 0; at < body.size(); at += 60'000) {
    const std::string part = body.substr(at, 60'000);
    char size[16];
    std::snprintf(size, sizeof(size), "%zx\r\n", part.size());
    text += size + part + "\r\n";
  }
  return text + "0\r\n\r\n";
}

/// A head of exactly this many bytes.
std::string head_of(std::size_t bytes) {
  const std::string whole = get("/", "a: \r\n");
  return get("/", "a: " + std::string(bytes - whole.size(), 'x') + "\r\n");
}

}  // namespace

TEST_CASE("a target of 8192 bytes is served and one more is 414") {
  TestServer server;
  CHECK(status_of(server, get("/" + std::string(8'190, 'a'))) == 200);
  CHECK(status_of(server, get("/" + std::string(8'191, 'a'))) == 200);
  CHECK(status_of(server, get("/" + std::string(8'192, 'a'))) == 414);
  CHECK(status_of(server, get("/" + std::string(100'000, 'a'))) == 414);
}

TEST_CASE("a head of 100 fields is served and one more is 431") {
  TestServer server;
  const auto fields = [](std::size_t count) {
    std::string all;
    for (std::size_t i = 2; i < count; ++i) all += "a: b\r\n";
    return all;
  };
  CHECK(status_of(server, get("/", fields(99))) == 200);
  CHECK(status_of(server, get("/", fields(100))) == 200);
  CHECK(status_of(server, get("/", fields(101))) == 431);
}

TEST_CASE("a head of 16384 bytes is served and one more is 431") {
  TestServer server;
  CHECK(status_of(server, head_of(16'383)) == 200);
  CHECK(status_of(server, head_of(16'384)) == 200);
  CHECK(status_of(server, head_of(16'385)) == 431);
}

TEST_CASE("a body of 262144 bytes is read and one more is 413, by length and in chunks") {
  TestServer server;
  for (const std::size_t size : {262'143UL, 262'144UL}) {
    CHECK(status_of(server, post(std::string(size, ' '))) == 200);
    CHECK(status_of(server, post("Transfer-Encoding: chunked\r\n", chunked(std::string(size, ' ')))) == 200);
  }
  CHECK(status_of(server, post(std::string(262'145, ' '))) == 413);
  CHECK(status_of(server, post("Transfer-Encoding: chunked\r\n", chunked(std::string(262'145, ' ')))) == 413);
}

TEST_CASE("a length over the limit is 413 before the body, with 100-continue or not") {
  TestServer server;
  CHECK(status_of(server, post("Content-Length: 262145\r\n", "")) == 413);
  CHECK(status_of(server, post("Content-Length: 262145\r\nExpect: 100-continue\r\n", "")) == 413);
}

TEST_CASE("a client that expects 100-continue gets 100 before it sends the body") {
  TestServer server;
  SocketClient client(server.port);
  client.send(post("Content-Length: 5\r\nExpect: 100-continue\r\n", ""));
  CHECK(client.receive_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("get a");
  CHECK(client.receive_all().ends_with("\r\n\r\nnone"));
}

TEST_CASE("a request that two parsers could read differently is 400 and closed") {
  TestServer server;
  const std::string length = "Content-Length: 5\r\n";
  for (const std::string& bytes : {post(length + "Transfer-Encoding: chunked\r\n", "0\r\n\r\n"),
                                   post("Transfer-Encoding: chunked\r\n" + length, "0\r\n\r\n"),
                                   post(length + length, "get a"),
                                   post("Content-Length: 5, 5\r\n", "get a"),
                                   post("Content-Length: +5\r\n", "get a"),
                                   post("Content-Length: -5\r\n", "get a"),
                                   post("Content-Length: 0x5\r\n", "get a"),
                                   post("Content-Length: \r\n", ""),
                                   post("Content-Length: 99999999999999999999\r\n", ""),
                                   post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"),
                                   post("Transfer-Encoding: identity\r\n", ""),
                                   post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
                                   post("Transfer-Encoding: chunked\r\n", "5\nget a\n0\n\n"),
                                   post("Transfer-Encoding: chunked\r\n", "-5\r\nget a\r\n0\r\n\r\n"),
                                   post("Transfer-Encoding: chunked\r\n", "5\r\nget abc\r\n0\r\n\r\n"),
                                   post("Transfer-Encoding: chunked\r\n", "zz\r\n"),
                                   post("Transfer-Encoding: chunked\r\n", std::string(40'000, '0')),
                                   get("/", "a: b\r\n folded\r\n"),
                                   get("/", "a : b\r\n"),
                                   get("/", "a: b\nc: d\r\n"),
                                   get("/", "a: b\0c\r\n"s),
                                   get("/", "no colon\r\n"),
                                   "GET / HTTP/1.1\nHost: x\n\n"s,
                                   "GET / HTTP/1.1\r\n\r\n"s,
                                   get("/", "Host: y\r\n"),
                                   "GET / HTTP/2.0\r\nHost: x\r\n\r\n"s,
                                   "GET / HTTP/1.1 x\r\nHost: x\r\n\r\n"s,
                                   "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"s,
                                   "\x16\x03\x01\x02\x00\x01\x00"s,
                                   "GET /\r\n\r\n"s}) {
    CAPTURE(bytes.substr(0, 200));
    CHECK(status_of(server, bytes) == 400);
  }
}

TEST_CASE("a compressed body is 415 and is never inflated") {
  TestServer server;
  CHECK(status_of(server, post("Content-Encoding: gzip\r\nContent-Length: 5\r\n", "get a")) == 415);
  CHECK(status_of(server, post("Content-Encoding: identity\r\nContent-Length: 5\r\n", "get a")) == 200);
}

TEST_CASE("text that is not UTF-8 is 400 and never reaches the engine") {
  TestServer server;
  CHECK(status_of(server, post("get \xFF")) == 400);
  CHECK(status_of(server, get("/\xFF")) == 400);
  CHECK(status_of(server, get("/", "a: \xC0\x80\r\n")) == 400);
}

TEST_CASE("a head that is received too slowly is 408") {
  TestServer server({.head_time_max = 300ms});
  CHECK(status_of(server, "GET / HTTP/1.1\r\nHo") == 408);
  SocketClient dripping(server.port);
  std::thread drip([&] {
    for (const char c : "GET / HTTP/1.1\r\nHost: example.com\r\n"s) {
      dripping.send({&c, 1});
      std::this_thread::sleep_for(50ms);
    }
  });
  drip.join();
  CHECK(dripping.status_and_close() == 408);
}

TEST_CASE("a connection that sends nothing is closed without a response") {
  TestServer server({.head_time_max = 300ms});
  CHECK(SocketClient(server.port).receive_all().empty());
}

TEST_CASE("a body slower than 1 KiB a second is 408 after its grace") {
  TestServer server({.body_grace = 300ms});
  CHECK(status_of(server, post("Content-Length: 100\r\n", "get")) == 408);
  SocketClient steady(server.port);
  steady.send(post("Content-Length: 3000\r\n", ""));
  for (int i = 0; i < 10; ++i) {
    steady.send(std::string(300, ' '));
    std::this_thread::sleep_for(100ms);
  }
  CHECK(steady.status_and_close() == 200);
}

TEST_CASE("a body that exceeds its total time is 408, however steady") {
  TestServer server({.body_time_max = 500ms, .body_grace = 300ms});
  SocketClient client(server.port);
  client.send(post("Content-Length: 100000\r\n", ""));
  for (int i = 0; i < 10; ++i) {
    client.send(std::string(2'000, ' '));
    std::this_thread::sleep_for(100ms);
  }
  CHECK(client.status_and_close() == 408);
}

TEST_CASE("pipelined requests are answered one at a time, in order") {
  TestServer server;
  SocketClient client(server.port);
  std::string all;
  for (int i = 0; i < 1'000; ++i) {
    const std::string body = "put k " + std::to_string(i);
    all += "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  client.send(all).send(post("get k"));
  const std::string answers = client.receive_all();
  CHECK(answers.ends_with("\r\n\r\n999"));
  std::size_t count = 0;
  for (std::size_t at = 0; (at = answers.find("HTTP/1.1 200", at)) != std::string::npos; ++at) ++count;
  CHECK(count == 1'001);
}

TEST_CASE("the response to HEAD has the length of a body that is not sent") {
  TestServer server;
  SocketClient client(server.port);
  client.send("HEAD / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nConnection: close\r\n\r\nget a");
  const std::string answer = client.receive_all();
  CHECK(answer.find("content-length: 4\r\n") != std::string::npos);
  CHECK(answer.ends_with("\r\n\r\n"));
}

TEST_CASE("connections are kept or closed as the client requests") {
  TestServer server({.keep_alive_max = 400ms});
  CHECK(status_of(server, "GET / HTTP/1.0\r\n\r\n") == 200);
  CHECK(status_of(server, "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n") == 400);
  SocketClient kept(server.port);
  kept.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").receive_until("\r\n\r\n");
  const std::string all = kept.send("\r\nGET http://x/a?b HTTP/1.1\r\nHost: x\r\n\r\n").receive_all();
  CHECK(all.find("HTTP/1.1 200", 1) != std::string::npos);
  CHECK(all.find("connection: close") == std::string::npos);
}

TEST_CASE("a client that closes its sending side still gets its response") {
  TestServer server;
  SocketClient client(server.port);
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nget a").close_sending();
  CHECK(client.receive_all().ends_with("\r\n\r\nnone"));
}

TEST_CASE("the session of a client that leaves during a long poll is abandoned") {
  TestServer server({.half_closed_max = 100ms});
  {
    SocketClient client(server.port);
    client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nwait a");
    for (int i = 0; i < 200 && server.metrics.waits.value() == 0; ++i) std::this_thread::sleep_for(10ms);
    CHECK(server.metrics.waits.value() == 1);
  }
  for (int i = 0; i < 500 && server.metrics.waits.value() + server.metrics.connections.value() > 0; ++i)
    std::this_thread::sleep_for(10ms);
  CHECK(server.metrics.waits.value() == 0);
  CHECK(server.metrics.connections.value() == 0);
}

TEST_CASE("connections beyond the cap of an address are 503, and none leaks") {
  TestServer server({.connections_per_address_max = 3});
  {
    std::deque<SocketClient> kept;
    for (int i = 0; i < 3; ++i) {
      kept.emplace_back(server.port);
      kept.back().send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").receive_until("\r\n\r\n");
    }
    CHECK(SocketClient(server.port).status_and_close() == 503);
    CHECK(server.metrics.connections_refused.value() == 1);
  }
  for (int i = 0; i < 500 && server.metrics.connections.value() > 0; ++i) std::this_thread::sleep_for(10ms);
  CHECK(status_of(server, get("/")) == 200);
}

TEST_CASE("sessions beyond the cap are 503") {
  TestServer server({}, {.sessions_max = 1});
  SocketClient waiting(server.port);
  waiting.send(post("wait a"));
  for (int i = 0; i < 200 && server.metrics.waits.value() == 0; ++i) std::this_thread::sleep_for(10ms);
  CHECK(status_of(server, post("get a")) == 503);
}

TEST_CASE("draining answers long polls and closes idle connections") {
  TestServer server;
  SocketClient idle(server.port);
  idle.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").receive_until("\r\n\r\n");
  SocketClient waiting(server.port);
  waiting.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nwait a");
  for (int i = 0; i < 200 && server.metrics.waits.value() == 0; ++i) std::this_thread::sleep_for(10ms);
  server.drain();
  CHECK(waiting.status_and_close() == 200);
  idle.receive_all();
  CHECK(idle.closed());
}

TEST_CASE("health and metrics are the host's own, with a Request-Id") {
  TestServer server;
  CHECK(SocketClient(server.port).send(get("/healthz")).receive_all().ends_with("\r\n\r\nok\n"));
  const std::string metrics = SocketClient(server.port).send(get("/metrics?x")).receive_all();
  CHECK(metrics.find("lntpay_http_responses_total{class=\"2xx\"} 1\n") != std::string::npos);
  CHECK(metrics.find("\r\nrequest-id: req_") != std::string::npos);
}

TEST_CASE("the host's pages list their methods for OPTIONS and in a 405") {
  TestServer server;
  for (const char* path : {"/healthz", "/metrics"}) {
    const auto answer_to = [&](const std::string& method) {
      return SocketClient(server.port)
          .send(method + " " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
          .receive_all();
    };
    const std::string allow = "\r\nallow: GET, HEAD, OPTIONS\r\n";
    const std::string options = answer_to("OPTIONS");
    CHECK(options.starts_with("HTTP/1.1 204 "));
    CHECK(options.find(allow) != std::string::npos);
    CHECK(options.find("\r\nrequest-id: req_") != std::string::npos);
    const std::string post = answer_to("POST");
    CHECK(post.starts_with("HTTP/1.1 405 "));
    CHECK(post.find(allow) != std::string::npos);
    CHECK(post.find(R"({"error":{"code":"method_not_allowed")") != std::string::npos);
    CHECK(answer_to("HEAD").ends_with("\r\n\r\n"));
  }
}

}  // namespace http_limits_test
