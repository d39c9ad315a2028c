// The gate proxy between a scripted engine and a scripted service: deadlines, caps, a failing store, draining.
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

using namespace lntpay;
using namespace lntpay::host;
using lntpay::host::testing::SocketClient;

namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;

const Tcp::endpoint anywhere(asio::ip::make_address("127.0.0.1"), 0);

/// Accepts connections, reads a head from each, and responds unless it is held.
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
    ++requests;
    while (held_) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    asio::write(socket, asio::buffer(std::string("HTTP/1.1 200 OK\r\ncontent-length: 6\r\nconnection: close\r\n\r\nserved")),
                error);
  }

  asio::io_context io_;
  Tcp::acceptor acceptor_;
  std::atomic<bool> held_{false};
  std::atomic<bool> ending_{false};
  std::vector<std::thread> answering_;
  std::thread thread_;
};

constexpr std::string_view request = "GET /a HTTP/1.1\r\nhost: a\r\n\r\n";

/// The proxy on its own thread, with an engine that lets everything pass and records how uses end.
class Proxied {
 public:
  explicit Proxied(GateProxyOptions changed = {}) {
    changed.gate = "gate_1";
    changed.service_host = "127.0.0.1";
    changed.service_port = service.port();
    const auto submit = [this](Input input, Answer answer) {
      Outcome outcome;
      if (const auto* redeemed = std::get_if<input::Redeemed>(&input)) {
        const std::lock_guard lock(mutex_);
        ends_ += redeemed->served ? 'c' : 'r';
        outcome.response = Response{.status = redeems_fail ? std::uint16_t{503} : std::uint16_t{204}, .headers = {}, .body = {}};
      } else {
        outcome.response = Response{.status = 204, .headers = {{"lntpay-redemption-id", "rdm_1"}}, .body = {}};
        outcome.pass = "rdm_1.1";
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
  CHECK(proxied.ends() == "c");
}

TEST_CASE("a response is withheld if its use cannot be committed") {
  Proxied proxied;
  proxied.redeems_fail = true;
  CHECK(proxied.status() == "HTTP/1.1 503");
  CHECK(proxied.ends() == "ccc");  // three attempts
  proxied.redeems_fail = false;
  CHECK(proxied.status() == "HTTP/1.1 200");
}

TEST_CASE("a service that takes too long is 504, and the use is released") {
  GateProxyOptions options;
  options.answer_time_max = std::chrono::seconds(1);
  Proxied proxied(options);
  proxied.service.hold();
  CHECK(proxied.status() == "HTTP/1.1 504");
  CHECK(proxied.ends() == "r");
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
  CHECK(proxied.ends() == "c");
}
