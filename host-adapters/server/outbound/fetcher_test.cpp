// The fetcher against a test server: its requests, and its replies for missing, partial and whole responses.
#include "host-adapters/server/outbound/fetcher.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <mutex>
#include <string>
#include <thread>

#include "core/webhook/egress.hpp"
#include "host-adapters/server/outbound/dns_resolver.hpp"
#include "tests/support/host/dns_server.hpp"

using namespace lntpay;
using namespace lntpay::host;
using testing::DnsAnswer;
using testing::DnsServer;

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
  if (const auto* not_tried = std::get_if<NotTried>(&reply)) return "not tried: " + not_tried->reason;
  return "not sent: " + std::get<NotSent>(reply).reason;
}

MakeResolver resolve_by(ThreadedResolver::LookUp look_up) {
  return [look_up] { return std::make_unique<ThreadedResolver>(look_up); };
}

const MakeResolver loopback = resolve_by([](const std::string&) { return Addresses{"127.0.0.1"}; });

/// Never calls back.
class SilentResolver final : public Resolver {
 public:
  void resolve(std::string, Done) override {}
};

/// Replies to exchanges that were started together.
struct Replies {
  std::mutex mutex;
  std::vector<std::string> texts;

  void begin(Fetcher& fetcher, Outgoing asked) {
    fetcher.fetch(std::move(asked), [this](const Reply& each) {
      const std::lock_guard lock(mutex);
      texts.push_back(text(each));
    });
  }
  std::vector<std::string> so_far() {
    const std::lock_guard lock(mutex);
    return texts;
  }
};

Outgoing post_of(std::string workspace, std::string url) {
  auto asked = post(std::move(url));
  asked.workspace = std::move(workspace);
  return asked;
}

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

namespace {

using namespace std::chrono_literals;

/// Names of a private zone beside names that are not found, each for a reason of its own.
std::optional<DnsAnswer> private_zone(const std::string& name, const std::string& type) {
  const bool is_ipv4 = type == "A";
  if (name == "db.example") return is_ipv4 ? DnsAnswer{{"10.0.0.5"}} : DnsAnswer{};
  if (name == "ipv6.example") return is_ipv4 ? DnsAnswer{} : DnsAnswer{{"fd00::5"}};
  if (name == "mixed.example") return is_ipv4 ? DnsAnswer{{"93.184.216.34", "192.168.1.1"}} : DnsAnswer{};
  if (name == "metadata.example") return is_ipv4 ? DnsAnswer{{"169.254.169.254"}} : DnsAnswer{};
  if (name == "loopback.example") return is_ipv4 ? DnsAnswer{{"127.0.0.1"}} : DnsAnswer{{"::1"}};
  if (name == "empty.example") return DnsAnswer{};
  if (name == "refused.example") return DnsAnswer{.code = 5};
  if (name == "broken.example") return DnsAnswer{.code = 2};
  if (name == "silent.example") return std::nullopt;
  return DnsAnswer{.code = 3};
}

/// The engine's rules.
std::expected<void, std::string> guarded(std::string_view url, std::span<const std::string> addresses) {
  return lntpay::may_connect(Settings{}, url, addresses);
}

std::chrono::milliseconds time_of(const std::function<void()>& call) {
  const auto began = std::chrono::steady_clock::now();
  call();
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
}

}  // namespace

TEST_CASE("only the operator can tell a private name from one that is not found") {
  DnsServer names(private_zone);
  Metrics metrics;
  std::vector<std::string> log;
  {
    Fetcher fetcher(guarded, metrics,
                    {.refusals_every = 600ms,
                     .on_unusable_name = [&](auto name, auto why) { log.push_back(std::string(name) + ": " + std::string(why)); }},
                    [&] { return std::make_unique<DnsResolver>(DnsOptions{.name_servers = names.address(), .budget = 300ms}); });
    for (const auto* name : {"db", "ipv6", "mixed", "metadata", "loopback", "empty", "refused", "broken", "silent", "gone", "db"}) {
      CAPTURE(name);
      const auto asked = post("https://" + std::string(name) + ".example:8443/hook?token=secret");
      const auto took =
          time_of([&] { CHECK(text(exchange(fetcher, asked)) == "not sent: name not found, or not a public address"); });
      CHECK(took >= 600ms);
      CHECK(took < 1'000ms);
    }
  }
  CHECK(metrics.fetches_failed.value() == 11);
  REQUIRE(log.size() == 11);
  CHECK(log[0] == "db.example: refused are 10.0.0.5");
  CHECK(log[1] == "ipv6.example: refused are fd00::5");
  CHECK(log[2] == "mixed.example: refused are 93.184.216.34, 192.168.1.1");
  CHECK(log[5] == "empty.example: the name has no address");
  CHECK(log[8] == "silent.example: the name server did not answer in 0.3 s");
  CHECK(log[9] == "gone.example: the name does not exist");
}

TEST_CASE("an attempt that times out in the lookup has the text of a name that is not found") {
  Metrics metrics;
  Fetcher fetcher(guarded, metrics, {}, [] { return std::make_unique<SilentResolver>(); });
  Outgoing asked = post("https://slow.example/");
  asked.timeout_ms = 100;
  CHECK(text(exchange(fetcher, asked)) == "not sent: name not found, or not a public address");
}

TEST_CASE("a private address in the URL has its own error, at once") {
  Metrics metrics;
  Fetcher fetcher(guarded, metrics, {}, [] { return std::make_unique<DnsResolver>(); });
  const auto took = time_of(
      [&] { CHECK(text(exchange(fetcher, post("https://10.0.0.5/"))) == "not sent: the address is not publicly routable"); });
  CHECK(took < 500ms);
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

TEST_CASE("a workspace over its share is not tried, another one is") {
  OneShotServer silent("", true);
  Metrics metrics;
  Replies replies;
  const std::vector<std::string> over{"not tried: the workspace has its share of the host's exchanges open"};
  {
    Fetcher fetcher(allow_all, metrics, {.exchanges_max = 20}, loopback);
    for (int i = 0; i < 9; ++i) replies.begin(fetcher, post_of("ws_a", silent.url("shop.example")));
    while (replies.so_far().empty()) std::this_thread::yield();
    CHECK(metrics.fetches_open.value() == 8);
    for (int i = 0; i < 8; ++i) replies.begin(fetcher, post_of("ws_b", silent.url("shop.example")));
    for (int i = 0; i < 4; ++i) replies.begin(fetcher, post(silent.url("shop.example")));
    while (metrics.fetches_open.value() < 20) std::this_thread::yield();
    CHECK(replies.so_far() == over);
    CHECK(text(exchange(fetcher, post_of("ws_c", silent.url("shop.example")))) ==
          "not tried: the host has too many exchanges open");
    CHECK(text(exchange(fetcher, post(silent.url("shop.example")))) == "not tried: the host has too many exchanges open");
    CHECK(metrics.fetches_not_tried.value() == 3);
    CHECK(metrics.fetches_failed.value() == 0);
  }
  CHECK(replies.so_far().size() == 21);
  CHECK(metrics.fetches_open.value() == 0);
}

TEST_CASE("an exchange gives its share back when it ends") {
  OneShotServer server("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
  Metrics metrics;
  Fetcher fetcher(allow_all, metrics, {.exchanges_max = 1}, loopback);
  for (int i = 0; i < 3; ++i) CHECK(text(exchange(fetcher, post_of("ws_a", server.url("shop.example")))) == "answered 200 ");
  CHECK(text(exchange(fetcher, post_of("ws_a", "http://127.0.0.1:1/"))).starts_with("not sent"));
  CHECK(metrics.fetches_open.value() == 0);
  CHECK(metrics.fetches_not_tried.value() == 0);
}

TEST_CASE("an exchange holds its share while its name is resolved") {
  Metrics metrics;
  Replies replies;
  {
    Fetcher fetcher(allow_all, metrics, {.exchanges_max = 2}, [] { return std::make_unique<SilentResolver>(); });
    for (int i = 0; i < 2; ++i) replies.begin(fetcher, post_of("ws_a", "http://slow.example/"));
    CHECK(text(exchange(fetcher, post_of("ws_b", "http://shop.example/"))) == "not tried: the host has too many exchanges open");
  }
  CHECK(replies.so_far() == std::vector<std::string>(2, "not tried: the host is stopping"));
}

TEST_CASE("endpoints with a silent name server delay no other workspace") {
  DnsServer names([](const std::string& name, const std::string& type) -> std::optional<DnsAnswer> {
    if (name.ends_with("slow.example")) return std::nullopt;
    return type == "A" ? DnsAnswer{{"127.0.0.1"}} : DnsAnswer{};
  });
  OneShotServer server("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
  Metrics metrics;
  Replies slow;
  {
    Fetcher fetcher(allow_all, metrics, {},
                    [&] { return std::make_unique<DnsResolver>(DnsOptions{.name_servers = names.address()}); });
    for (int i = 0; i < 40; ++i) slow.begin(fetcher, post_of("ws_a", server.url(std::to_string(i % 20) + ".slow.example")));
    for (int i = 0; i < 41; ++i) CHECK(text(exchange(fetcher, post_of("ws_b", server.url("shop.example")))) == "answered 200 ");
    CHECK(slow.so_far().empty());
  }
  CHECK(slow.so_far() == std::vector<std::string>(40, "not tried: the host is stopping"));
}

TEST_CASE("a lookup that the host has no capacity for is not tried") {
  Metrics metrics;
  Fetcher fetcher(allow_all, metrics, {}, resolve_by([](const std::string&) -> Resolved {
                    return std::unexpected(LookupError{LookupError::Kind::not_tried, "too many names are being resolved"});
                  }));
  CHECK(text(exchange(fetcher, post("http://shop.example/"))) == "not tried: too many names are being resolved");
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
