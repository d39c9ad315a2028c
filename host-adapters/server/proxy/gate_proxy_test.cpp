// The gate proxy between a scripted engine and a scripted service: what is forwarded and returned, deadlines, caps, a failing
// store, draining.
#include "host-adapters/server/proxy/gate_proxy.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "host-adapters/server/http/http_server.hpp"
#include "tests/support/host/socket_client.hpp"

namespace gate_proxy_test {
using namespace lntpay;
using namespace lntpay::host;
using lntpay::host::testing::SocketClient;

namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;

const Tcp::endpoint anywhere(asio::ip::make_address("127.0.0.1"), 0);

const std::string served = "HTTP/1.1 200 OK\r\ncontent-length: 6\r\nconnection: close\r\n\r\nserved";

/// Accepts connections, reads a head from each, and sends its bytes unless it is held.
class Service {
 public:
  Service() : acceptor_(io_, anywhere), thread_([this] { run(); }) {}
  ~Service() {
    ending_ = true;
    release();
    boost::system::error_code ignored;
    Tcp::socket last(io_);
    std::ignore = last.connect(acceptor_.local_endpoint(), ignored);
    thread_.join();
    for (auto& each : answering_) each.join();
  }
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  void hold() { held_ = true; }
  void release() { held_ = false; }
  /// Sends these bytes from now on; `forever`: again and again.
  void responds(std::string bytes, bool forever = false) {
    const std::lock_guard lock(mutex_);
    bytes_ = std::move(bytes);
    forever_ = forever;
  }
  /// The last request's head.
  std::string head() {
    const std::lock_guard lock(mutex_);
    return head_;
  }
  std::atomic<int> requests{0};

 private:
  void run() {
    while (!ending_) {
      Tcp::socket socket(io_);
      boost::system::error_code error;
      std::ignore = acceptor_.accept(socket, error);
      if (error || ending_) return;
      answering_.emplace_back([this, socket = std::move(socket)]() mutable { answer(socket); });
    }
  }
  void answer(Tcp::socket& socket) {
    boost::system::error_code error;
    std::string received;
    asio::read_until(socket, asio::dynamic_buffer(received), "\r\n\r\n", error);
    if (error) return;
    std::string bytes;
    bool forever = false;
    {
      const std::lock_guard lock(mutex_);
      head_ = received;
      bytes = bytes_;
      forever = forever_;
    }
    ++requests;
    while (held_) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    do asio::write(socket, asio::buffer(bytes), error);
    while (forever && !error && !ending_);
  }

  asio::io_context io_;
  Tcp::acceptor acceptor_;
  std::atomic<bool> held_{false};
  std::atomic<bool> ending_{false};
  std::mutex mutex_;
  std::string bytes_ = served;
  bool forever_ = false;
  std::string head_;
  std::vector<std::thread> answering_;
  std::thread thread_;
};

constexpr std::string_view request = "GET /a HTTP/1.1\r\nhost: a\r\n\r\n";

/// What passes takes a use, and pages may read the response.
Passage counted() {
  Passage passage;
  passage.redemption = "rdm_1.1";
  passage.remove = {"authorization"};
  passage.add = {{"lntpay-redemption-id", "rdm_1"}};
  passage.cors = {{"access-control-allow-origin", "*"}};
  return passage;
}

/// The proxy on its own thread, with an engine that lets everything pass, records how uses end, and gives a receipt for 2xx.
class Proxied {
 public:
  explicit Proxied(GateProxyOptions changed = {}, Passage passage = counted()) : passage_(std::move(passage)) {
    changed.gate = "gate_1";
    changed.service_host = "127.0.0.1";
    changed.service_port = service.port();
    const auto submit = [this](Input input, Answer answer) {
      Outcome outcome;
      if (const auto* redeemed = std::get_if<input::Redeemed>(&input)) {
        const auto& [redemption, status, location, price] = redeemed->response;
        const std::lock_guard lock(mutex_);
        ends_ += (ends_.empty() ? "" : ", ") + redemption + " " + std::to_string(status) + location;
        outcome.response = Response{.status = redeems_fail ? std::uint16_t{503} : std::uint16_t{204}, .headers = {}, .body = {}};
        if (status / 100 == 2) outcome.response->headers.push_back({"payment-receipt", "of-rdm_1"});
      } else if (std::holds_alternative<input::Refused>(input)) {
        outcome.response = Response{.status = 408, .headers = {}, .body = {}};
      } else {
        outcome.pass = passage_;
      }
      answer(std::move(outcome));
    };
    proxy_.emplace(io_, submit, log_, std::move(changed));
    auto bound = Listener::bind(io_, anywhere);
    port_ = bound.local_endpoint().port();
    proxy_->listen(std::move(bound));
    thread_ = std::thread([this] { io_.run(); });
  }
  ~Proxied() {
    io_.stop();
    thread_.join();
    proxy_.reset();
  }
  Proxied(const Proxied&) = delete;
  Proxied& operator=(const Proxied&) = delete;

  SocketClient connect() const { return SocketClient(port_); }
  /// "HTTP/1.1 200", of a request on a connection of its own.
  [[nodiscard]] std::string status() const { return connect().send(request).receive_until("\r\n").substr(0, 12); }
  /// All that the client gets for these bytes, until the proxy closes.
  [[nodiscard]] std::string response(std::string_view bytes) const { return connect().send(bytes).receive_all(); }
  std::string ends() {
    const std::lock_guard lock(mutex_);
    return ends_;
  }
  void drain() {
    std::promise<void> done;
    asio::post(io_, [&] {
      proxy_->drain();
      done.set_value();
    });
    done.get_future().wait();
  }

  Service service;
  std::atomic<bool> redeems_fail{false};

 private:
  Passage passage_;
  asio::io_context io_;
  Log log_{LogLevel::off};
  std::optional<GateProxy> proxy_;
  std::uint16_t port_ = 0;
  std::mutex mutex_;
  std::string ends_;
  std::thread thread_;
};

template <class Condition>
void until(Condition condition) {
  for (int i = 0; i < 1'000 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  REQUIRE(condition());
}

}  // namespace

TEST_CASE("a use is committed after the service responds, before the client sees it") {
  Proxied proxied;
  CHECK(proxied.status() == "HTTP/1.1 200");
  CHECK(proxied.ends() == "rdm_1.1 200");
}

TEST_CASE("the engine gets the status and Location of the service's response") {
  Proxied proxied;
  proxied.service.responds("HTTP/1.1 303 See Other\r\nlocation: /a/2\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
  CHECK(proxied.status() == "HTTP/1.1 303");
  CHECK(proxied.ends() == "rdm_1.1 303/a/2");
}

TEST_CASE("a receipt is sent only where a use was committed or the pass is limited by time") {
  constexpr std::string_view closing = "GET /a HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
  SUBCASE("committed") {
    Proxied proxied;
    proxied.service.responds("HTTP/1.1 200 OK\r\npayment-receipt: service\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    const auto response = proxied.response(closing);
    CHECK(response.contains("payment-receipt: of-rdm_1\r\n"));
    CHECK_FALSE(response.contains("payment-receipt: service"));
  }
  SUBCASE("released") {
    Proxied proxied;
    proxied.service.responds("HTTP/1.1 500 Oops\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    CHECK_FALSE(proxied.response(closing).contains("payment-receipt"));
  }
  SUBCASE("limited by time") {
    auto timed = counted();
    timed.redemption.clear();
    timed.respond = {{"payment-receipt", "of-the-pass"}};
    Proxied proxied({}, timed);
    CHECK(proxied.response(closing).contains("payment-receipt: of-the-pass\r\n"));
    CHECK(proxied.ends().empty());
  }
}

TEST_CASE("the service gets neither the credential nor a client's own receipt") {
  Proxied proxied;
  const auto response = proxied.response(
      "GET /a HTTP/1.1\r\nhost: a\r\nconnection: close\r\nauthorization: L402 a:b\r\nauthorization: LSAT a:b\r\n"
      "payment-receipt: mine\r\nlntpay-redemption-id: mine\r\nx: 1\r\n\r\n");
  CHECK(response.starts_with("HTTP/1.1 200"));
  const auto head = proxied.service.head();
  CHECK(head.contains("x: 1\r\n"));
  CHECK(head.contains("lntpay-redemption-id: rdm_1\r\n"));
  CHECK_FALSE(head.contains("authorization"));
  CHECK_FALSE(head.contains("mine"));
}

TEST_CASE("a page of any origin may read a response, unless the service decides about CORS") {
  constexpr std::string_view closing = "GET /a HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
  Proxied proxied;
  CHECK(proxied.response(closing).contains("access-control-allow-origin: *\r\n"));
  proxied.service.responds(
      "HTTP/1.1 200 OK\r\naccess-control-allow-origin: https://a.example\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
  CHECK_FALSE(proxied.response(closing).contains("access-control-allow-origin: *"));
  proxied.service.responds("");  // its connection is cut
  const auto failed = proxied.response(closing);
  CHECK(failed.starts_with("HTTP/1.1 502"));
  CHECK(failed.contains("access-control-allow-origin: *\r\n"));
}

TEST_CASE("a preflight that the service answers is forwarded without its body") {
  auto preflight = counted();
  preflight.redemption.clear();
  preflight.bodiless = true;
  Proxied proxied({}, preflight);
  proxied.service.responds("HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n");
  auto client = proxied.connect();
  client.send("OPTIONS /a HTTP/1.1\r\nhost: a\r\ncontent-length: 20\r\nexpect: 100-continue\r\n\r\nGET /b HTTP/1.1\r\n");
  const auto response = client.receive_all();
  CHECK(response.starts_with("HTTP/1.1 204"));  // no 100
  CHECK(response.contains("connection: close\r\n"));
  const auto head = proxied.service.head();
  CHECK_FALSE(head.contains("content-length"));
  CHECK(head.ends_with("\r\n\r\n"));
}

TEST_CASE("a paid request body that stalls ends with 408, and the use is released") {
  GateProxyOptions options;
  SUBCASE("between two pieces") { options.piece_time_max = std::chrono::seconds(1); }
  SUBCASE("until the deadline of the response") { options.answer_time_max = std::chrono::seconds(1); }
  Proxied proxied(options);
  proxied.service.hold();
  auto client = proxied.connect();
  client.send("POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\nbo");
  CHECK(client.status_and_close() == 408);
  CHECK(proxied.ends() == "rdm_1.1 0");
}

TEST_CASE("a head that stalls ends with 408") {
  GateProxyOptions options;
  options.head_time_max = std::chrono::seconds(1);
  Proxied proxied(options);
  auto client = proxied.connect();
  client.send("GET /a HTTP/1.1\r\n");
  CHECK(client.receive_all().starts_with("HTTP/1.1 408"));
}

TEST_CASE("a service that cuts, upgrades or sends 1xx forever is 502, and the use is released") {
  Proxied proxied;
  SUBCASE("cuts before its head") { proxied.service.responds(""); }
  SUBCASE("cuts in its head") { proxied.service.responds("HTTP/1.1 200 OK\r\ncontent-"); }
  SUBCASE("sends no HTTP") { proxied.service.responds("220 ready\r\n\r\n"); }
  SUBCASE("upgrades") { proxied.service.responds("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"); }
  SUBCASE("sends 1xx forever") { proxied.service.responds("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n", true); }
  CHECK(proxied.status() == "HTTP/1.1 502");
  CHECK(proxied.ends() == "rdm_1.1 0");
}

TEST_CASE("a failure speaks of a payment only where there is one") {
  for (const std::string_view paid_by : {"use", "time", "nothing"}) {
    CAPTURE(paid_by);
    auto passage = counted();
    if (paid_by != "use") passage.redemption.clear();
    if (paid_by == "time") passage.respond = {{"payment-receipt", "ours"}};
    Proxied proxied({}, passage);
    proxied.service.responds("");
    const auto failed = proxied.response("GET /a HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    CHECK(failed.contains("The service did not respond."));
    CHECK(failed.contains("payment remains valid") == (paid_by != "nothing"));
  }
}

TEST_CASE("a response that is cut is cut for the client") {
  Proxied proxied;
  SUBCASE("with a length") { proxied.service.responds("HTTP/1.1 200 OK\r\ncontent-length: 61\r\n\r\nserved"); }
  SUBCASE("in chunks") { proxied.service.responds("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6\r\nserved\r\n"); }
  auto client = proxied.connect();
  client.send(request);
  const auto response = client.receive_all();
  CHECK(client.closed());
  CHECK(response.contains("served"));
  CHECK_FALSE(response.contains("0\r\n\r\n"));
  CHECK(proxied.ends() == "rdm_1.1 200");
}

TEST_CASE("a response is withheld if its use cannot be committed") {
  Proxied proxied;
  proxied.redeems_fail = true;
  CHECK(proxied.status() == "HTTP/1.1 503");
  CHECK(proxied.ends() == "rdm_1.1 200, rdm_1.1 200, rdm_1.1 200");  // three attempts
  proxied.redeems_fail = false;
  CHECK(proxied.status() == "HTTP/1.1 200");
}

TEST_CASE("a service that takes too long is 504, and the use is released") {
  GateProxyOptions options;
  options.answer_time_max = std::chrono::seconds(1);
  Proxied proxied(options);
  proxied.service.hold();
  CHECK(proxied.status() == "HTTP/1.1 504");
  CHECK(proxied.ends() == "rdm_1.1 0");
}

TEST_CASE("connections beyond the caps are 503, until others have closed") {
  GateProxyOptions options;
  SUBCASE("of one address") { options.connections_per_address_max = 2; }
  SUBCASE("of all") { options.connections_max = 2; }
  Proxied proxied(options);
  {
    auto first = proxied.connect();
    auto second = proxied.connect();
    first.send(request);
    second.send(request);
    CHECK(first.receive_until("\r\n").starts_with("HTTP/1.1 200"));
    CHECK(second.receive_until("\r\n").starts_with("HTTP/1.1 200"));
    CHECK(proxied.connect().receive_until("\r\n").starts_with("HTTP/1.1 503"));
  }
  until([&] { return proxied.status() == "HTTP/1.1 200"; });
}

TEST_CASE("draining finishes pending responses, closes idle connections, accepts none") {
  Proxied proxied;
  proxied.service.hold();
  auto busy = proxied.connect();
  auto idle = proxied.connect();
  busy.send(request);
  until([&] { return proxied.service.requests == 1; });
  proxied.drain();
  CHECK(idle.receive_until("\r\n").empty());
  CHECK_THROWS(proxied.connect());
  proxied.service.release();
  const auto received = busy.receive_until("served");
  CHECK(received.starts_with("HTTP/1.1 200"));
  CHECK(received.contains("connection: close"));
  CHECK(proxied.ends() == "rdm_1.1 200");
}

}  // namespace gate_proxy_test
