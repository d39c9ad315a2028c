// The fetcher against a test server: its requests, and its replies for missing, partial and whole responses.
#include "host-adapters/server/outbound/fetcher.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <mutex>
#include <string>
#include <thread>

using namespace lntpay;
using namespace lntpay::host;

namespace {

/// Accepts connections one after the other; reads one head from each, sends `answer`, and closes.
class OneShotServer {
 public:
  explicit OneShotServer(std::string answer, bool hold_open = false) : answer_(std::move(answer)), hold_open_(hold_open) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(bind(listener_, reinterpret_cast<sockaddr*>(&at), sizeof(at)) == 0);
    socklen_t size = sizeof(at);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
    port_ = ntohs(at.sin_port);
    listen(listener_, 16);
    thread_ = std::thread([this] { run(); });
  }
  ~OneShotServer() {
    ending_ = true;
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  OneShotServer(const OneShotServer&) = delete;
  OneShotServer& operator=(const OneShotServer&) = delete;

  [[nodiscard]] std::string url(const std::string& host, const std::string& path = "/hook") const {
    return "http://" + host + ":" + std::to_string(port_) + path;
  }
  std::atomic<int> connections{0};
  /// After the exchange: what the last connection sent.
  [[nodiscard]] std::string received() {
    const std::lock_guard lock(mutex_);
    return received_;
  }

 private:
  void run() {
    for (;;) {
      const int peer = accept(listener_, nullptr, nullptr);
      if (peer < 0 || ending_) return;
      ++connections;
      std::string head;
      char buffer[4'096];
      while (head.find("\r\n\r\n") == std::string::npos) {
        const auto size = read(peer, buffer, sizeof(buffer));
        if (size <= 0) break;
        head.append(buffer, static_cast<std::size_t>(size));
      }
      {
        const std::lock_guard lock(mutex_);
        received_ = head;
      }
      if (!answer_.empty()) [[maybe_unused]]
        const auto written = write(peer, answer_.data(), answer_.size());
      while (hold_open_ && read(peer, buffer, sizeof(buffer)) > 0) {
      }
      close(peer);
    }
  }

  std::string answer_;
  bool hold_open_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> ending_{false};
  std::mutex mutex_;
  std::string received_;
  std::thread thread_;
};

std::expected<void, std::string> allow_all(std::string_view, std::span<const std::string>) { return {}; }

Outgoing post(std::string url) {
  return {.upstream = "webhook",
          .method = "POST",
          .target = std::move(url),
          .headers = {{"content-type", "application/json"}},
          .body = "{}",
          .timeout_ms = 5'000,
          .once = true,
          .body_limit = 1'024};
}

Reply exchange(Fetcher& fetcher, Outgoing asked) {
  std::promise<Reply> done;
  auto reply = done.get_future();
  fetcher.fetch(std::move(asked), [&done](Reply each) { done.set_value(std::move(each)); });
  return reply.get();
}

std::string text(const Reply& reply) {
  if (const auto* answered = std::get_if<Answered>(&reply))
    return "answered " + std::to_string(answered->response.status) + " " + answered->response.body;
  if (const auto* broken = std::get_if<Broken>(&reply))
    return "broken " + std::to_string(broken->response.status) + " " + broken->response.body;
  if (std::holds_alternative<NoAnswer>(reply)) return "no answer";
  return "not sent: " + std::get<NotSent>(reply).reason;
}

Resolved loopback(const std::string&) { return std::vector<std::string>{"127.0.0.1"}; }

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
  Fetcher fetcher([](auto, auto) -> std::expected<void, std::string> { return std::unexpected("private address"); }, metrics, {},
                  loopback);
  CHECK(text(exchange(fetcher, post(server.url("shop.example")))) == "not sent: private address");
  CHECK(server.connections == 0);
}

TEST_CASE("an invalid request is not sent") {
  Metrics metrics;
  Fetcher fetcher(allow_all, metrics, {}, [](const std::string& host) -> Resolved {
    if (host == "gone.example") return std::unexpected("no such name");
    return std::vector<std::string>{"127.0.0.1"};
  });
  CHECK(text(exchange(fetcher, post("http://gone.example/"))) == "not sent: the name could not be resolved: no such name");
  CHECK(text(exchange(fetcher, post("http://127.0.0.1:1/"))).starts_with("not sent"));
  CHECK(text(exchange(fetcher, post("ftp://shop.example/"))).starts_with("not sent"));
  CHECK(text(exchange(fetcher, post("http://user:word@shop.example/"))).starts_with("not sent"));
  Outgoing injected = post("http://shop.example/");
  injected.headers.push_back({"x", "a\r\nb: c"});
  CHECK(text(exchange(fetcher, injected)).starts_with("not sent"));
  Outgoing other = post("/v1/invoices");
  other.upstream = "lnd-receive";
  CHECK(text(exchange(fetcher, other)) == "not sent: no upstream \"lnd-receive\" is configured");
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
  CHECK((std::holds_alternative<NotSent>(reply) || std::holds_alternative<NoAnswer>(reply)));
}
