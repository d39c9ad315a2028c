// Webhooks to servers that hang, drip, flood, break off or do not speak HTTP: each ends in time, and the attempt's text names the
// cause.
#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "core/webhook/queue/schedule.hpp"
#include "host-adapters/server/outbound/fetcher.hpp"

namespace hostile_servers_test {
using namespace lntpay;
using namespace lntpay::host;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t attempt_body_bytes_max = 16 * 1'024;

/// A connection of the server: what a script does to it ends when the client closes it.
class Peer {
 public:
  explicit Peer(int descriptor) : descriptor_(descriptor) {}

  /// False once the client has closed the connection.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto size = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (size <= 0) return false;
      sent += static_cast<std::size_t>(size);
      bytes.remove_prefix(static_cast<std::size_t>(size));
    }
    return true;
  }
  void read_request() {
    std::string request;
    while (!request.ends_with("\r\n\r\n{}") && receive(request)) {
    }
  }
  void hold() {
    std::string rest;
    while (receive(rest)) {
    }
  }
  void pour(std::string_view piece) {
    while (send(piece)) {
    }
  }
  void drip(std::string_view piece) {
    while (send(piece)) std::this_thread::sleep_for(20ms);
  }
  void reset() {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  }
  std::size_t sent = 0;

 private:
  bool receive(std::string& into) {
    std::array<char, 4'096> buffer{};
    const auto size = read(descriptor_, buffer.data(), buffer.size());
    if (size > 0) into.append(buffer.data(), static_cast<std::size_t>(size));
    return size > 0;
  }
  int descriptor_;
};

using Script = std::function<void(Peer&)>;

/// Runs the script for each connection, one after the other.
class ScriptedServer {
 public:
  explicit ScriptedServer(Script script, int backlog = 16)
      : script_(std::move(script)), listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(at);
    REQUIRE(bind(listener_, reinterpret_cast<sockaddr*>(&at), size) == 0);
    REQUIRE(getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size) == 0);
    REQUIRE(listen(listener_, backlog) == 0);
    address_ = at;
    if (script_) thread_ = std::thread([this] { run(); });
  }
  ~ScriptedServer() {
    shutdown(listener_, SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
    close(listener_);
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  [[nodiscard]] std::string url(const std::string& scheme = "http") const {
    return scheme + "://127.0.0.1:" + std::to_string(ntohs(address_.sin_port)) + "/hook";
  }
  [[nodiscard]] const sockaddr_in& address() const { return address_; }
  std::atomic<int> connections{0};
  std::atomic<std::size_t> sent{0};

 private:
  void run() {
    for (;;) {
      const int descriptor = accept(listener_, nullptr, nullptr);
      if (descriptor < 0) return;
      ++connections;
      Peer peer(descriptor);
      script_(peer);
      sent += peer.sent;
      close(descriptor);
    }
  }

  Script script_;
  int listener_;
  sockaddr_in address_{};
  std::thread thread_;
};

struct Attempt {
  AttemptOutcome outcome;
  std::chrono::milliseconds took{};

  [[nodiscard]] std::string text() const {
    return (outcome.result == AttemptResult::delivered ? "delivered" : outcome.reason) +
           (outcome.code == 0 ? "" : ", " + std::to_string(outcome.code));
  }
};

/// One attempt, as the engine records it.
Attempt attempt(const std::string& url, std::uint32_t timeout_ms = 10'000) {
  Metrics metrics;
  Fetcher fetcher([](auto, auto) -> std::expected<void, std::string> { return {}; }, metrics);
  std::promise<Reply> done;
  auto reply = done.get_future();
  const auto began = std::chrono::steady_clock::now();
  fetcher.fetch({.upstream = "webhook",
                 .method = "POST",
                 .target = url,
                 .headers = {{"content-type", "application/json"}},
                 .body = "{}",
                 .timeout_ms = timeout_ms,
                 .body_limit = attempt_body_bytes_max},
                [&done](Reply each) { done.set_value(std::move(each)); });
  auto outcome = outcome_of(reply.get(), UnixMillis{});
  return {std::move(outcome), std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began)};
}

/// A script that reads the request, sends these bytes, and goes on with `then`.
Script sends(std::string bytes, Script then = [](Peer&) {}) {
  return [bytes = std::move(bytes), then = std::move(then)](Peer& peer) {
    peer.read_request();
    if (peer.send(bytes)) then(peer);
  };
}
Script pours(std::string piece) {
  return [piece = std::move(piece)](Peer& peer) { peer.pour(piece); };
}
Script drips(std::string piece) {
  return [piece = std::move(piece)](Peer& peer) { peer.drip(piece); };
}
void hold(Peer& peer) { peer.hold(); }
void reset(Peer& peer) {
  std::this_thread::sleep_for(50ms);  // the bytes before it arrive
  peer.reset();
}

const std::string ok_line = "HTTP/1.1 200 OK\r\n";
const std::string kilobyte(1'024, 'x');

}  // namespace

TEST_CASE("a 2xx counts at once although the connection stays open") {
  for (const auto& [response, expected] : std::vector<std::pair<std::string, std::string>>{
           {ok_line + "Content-Length: 2\r\n\r\nok", "delivered, 200"},
           {ok_line + "Content-Length: 0\r\n\r\n", "delivered, 200"},
           {ok_line + "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", "delivered, 200"},
           {"HTTP/1.1 103 Early Hints\r\n\r\n" + ok_line + "Content-Length: 2\r\n\r\nok", "delivered, 200"},
           {"HTTP/1.1 204 No Content\r\n\r\n", "delivered, 204"},
           {"HTTP/1.1 503 Busy\r\nContent-Length: 2\r\n\r\nno", "the response was not 2xx, 503"}}) {
    CAPTURE(response);
    ScriptedServer server(sends(response, hold));
    const auto made = attempt(server.url());
    CHECK(made.text() == expected);
    CHECK(made.took < 2s);
  }
}

TEST_CASE("a server that is too slow costs the time of an attempt") {
  for (const auto& [script, expected] : std::vector<std::pair<Script, std::string>>{
           {hold, "no response: timed out"},
           {sends(ok_line + "X: ", drips("x")), "no response: timed out"},
           {sends("", drips("HTTP/1.1 103 Early Hints\r\n\r\n")), "no response: timed out"},
           {sends(ok_line + "Content-Length: 100000\r\n\r\n", drips("x")), "the response was truncated: timed out, 200"},
           {sends(ok_line + "Transfer-Encoding: chunked\r\n\r\n", drips("1\r\nx\r\n")),
            "the response was truncated: timed out, 200"},
           {sends(ok_line + "\r\n", drips("x")), "the response was truncated: timed out, 200"}}) {
    CAPTURE(expected);
    ScriptedServer server(script);
    const auto made = attempt(server.url(), 400);
    CHECK(made.text() == expected);
    CHECK(made.took >= 400ms);
    CHECK(made.took < 2s);
  }
}

TEST_CASE("a server that floods is cut off early") {
  constexpr std::size_t socket_buffers_max = 32 * 1'024 * 1'024;
  const std::string large_head = "no response: response head larger than 64 KiB";
  for (const auto& [script, expected] : std::vector<std::pair<Script, std::string>>{
           {sends(ok_line + "Content-Length: 1073741824\r\n\r\n", pours(kilobyte)), "delivered, 200"},
           {sends(ok_line + "\r\n", pours(kilobyte)), "delivered, 200"},
           {sends("HTTP/1.1 500 Error\r\n\r\n", pours(kilobyte)), "the response was not 2xx, 500"},
           {sends(ok_line, pours("X: " + kilobyte + "\r\n")), large_head},
           {sends(ok_line + "X: ", pours(kilobyte)), large_head},
           {sends("HTTP/1.1 200 ", pours(kilobyte)), large_head},
           {sends("", pours("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")), large_head},
           {sends(ok_line + "Transfer-Encoding: chunked\r\n\r\n0\r\n", pours("X: " + kilobyte + "\r\n")),
            "the response was truncated: response head larger than 64 KiB, 200"}}) {
    CAPTURE(expected);
    std::size_t sent = 0;
    {
      ScriptedServer server(script);
      const auto made = attempt(server.url());
      CHECK(made.text() == expected);
      CHECK(made.outcome.body.size() <= stored_body_bytes_max);
      CHECK(made.took < 2s);
      while (server.sent == 0) std::this_thread::yield();
      sent = server.sent;
    }
    CHECK(sent < socket_buffers_max);
  }
}

TEST_CASE("a response that breaks off is no success, and the reason states where") {
  for (const auto& [script, expected] : std::vector<std::pair<Script, std::string>>{
           {sends(""), "no response: connection closed"},
           {sends("", reset), "no response: connection reset"},
           {reset, "no response: connection reset"},
           {sends("HTTP/1.1 200 OK"), "no response: connection closed"},
           {sends(ok_line + "X: a\r\n"), "no response: connection closed within the response head"},
           {sends(ok_line + "Content-Length: 2\r\n\r"), "no response: connection closed within the response head"},
           {sends(ok_line + "Content-Length: 100\r\n\r\nx"), "the response was truncated: connection closed, 200"},
           {sends(ok_line + "Content-Length: 100\r\n\r\nx", reset), "the response was truncated: connection reset, 200"},
           {sends(ok_line + "Transfer-Encoding: chunked\r\n\r\n5\r\nab"), "the response was truncated: connection closed, 200"}}) {
    CAPTURE(expected);
    ScriptedServer server(script);
    CHECK(attempt(server.url()).text() == expected);
  }
}

TEST_CASE("a response that is not HTTP/1.1 is named as such") {
  for (const auto& [response, expected] : std::vector<std::pair<std::string, std::string>>{
           {"hello", "no response: the response is not HTTP/1.x"},
           {std::string("\0\0\x12\4\0\0\0\0\0", 9), "no response: the response is not HTTP/1.x"},
           {"HTTP/9.9 200 OK\r\n\r\n", "no response: the response is not HTTP/1.x"},
           {ok_line + "Content-Length: abc\r\n\r\n", "no response: malformed response head"},
           {ok_line + "no colon\r\n\r\n", "no response: malformed response head"},
           {ok_line + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", "the response was truncated: malformed response body, 200"},
           {ok_line + "Transfer-Encoding: unknown\r\n\r\nx", "the response was truncated: unknown transfer coding, 200"}}) {
    CAPTURE(response);
    ScriptedServer server(sends(response));
    CHECK(attempt(server.url()).text() == expected);
  }
}

TEST_CASE("a redirect to any scheme is a failure, and not followed") {
  ScriptedServer canary(sends(ok_line + "Content-Length: 0\r\n\r\n"));
  const auto at = canary.url("").substr(1);  // "//127.0.0.1:…/hook"
  for (const auto& location : {"http:" + at, "https:" + at, "ftp:" + at, "gopher:" + at, "dict:" + at, "ldap:" + at, "telnet:" + at,
                               std::string("file:///etc/hostname"), std::string("data:,x"), std::string("javascript:x"), at}) {
    for (const auto* status :
         {"301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"}) {
      CAPTURE(location);
      ScriptedServer server(
          sends("HTTP/1.1 " + std::string(status) + "\r\nLocation: " + location + "\r\nContent-Length: 0\r\n\r\n"));
      CHECK(attempt(server.url()).text() == "redirects are not followed, " + std::string(status).substr(0, 3));
      CHECK(server.connections == 1);
    }
  }
  CHECK(canary.connections == 0);
}

TEST_CASE("a failure to connect states the step") {
  std::string closed;
  {
    ScriptedServer server(hold);
    closed = server.url();
  }
  CHECK(attempt(closed).text() == "could not connect: connection refused");
  ScriptedServer silent(hold);
  CHECK(attempt(silent.url("https"), 300).text() == "could not connect: timed out in the TLS handshake");
  ScriptedServer talking([](Peer& peer) {
    peer.send("HTTP/1.1 400 Bad Request\r\n\r\n");
    peer.hold();
  });
  CHECK(attempt(talking.url("https")).text() == "could not connect: TLS handshake failed: wrong version number");
  ScriptedServer resetting(reset);
  CHECK(attempt(resetting.url("https")).text() == "could not connect: TLS handshake failed: connection reset");
}

TEST_CASE("a server that accepts no connection times out while connecting") {
  ScriptedServer full({}, 0);  // nothing accepts, so its queue stays full
  std::vector<int> queued;
  for (int i = 0; i < 4; ++i) {
    queued.push_back(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    [[maybe_unused]] const int pending =
        connect(queued.back(), reinterpret_cast<const sockaddr*>(&full.address()), sizeof(sockaddr_in));
  }
  std::this_thread::sleep_for(100ms);
  CHECK(attempt(full.url(), 300).text() == "could not connect: timed out while connecting");
  CHECK(attempt(full.url("https"), 300).text() == "could not connect: timed out while connecting");
  for (const int each : queued) close(each);
}

}  // namespace hostile_servers_test
