// The listener with a scripted handler: caps, closing, deadlines, draining.
#include "host-adapters/server/http/listener.hpp"

#include <doctest/doctest.h>

#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <future>
#include <string>
#include <thread>
#include <vector>

namespace listener_test {
using namespace lntpay;
using namespace lntpay::host;

namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using std::chrono::milliseconds;

/// Responds to each head with its size, and to connections beyond the caps with "full".
class Echo final : public ConnectionHandler {
 public:
  asio::awaitable<void> serve(Connection& connection) override {
    for (;;) {
      const auto size = co_await connection.read_head({}, {.idle = idle, .head = std::nullopt});
      connection.end_request();
      if (!size) break;
      connection.received().consume(*size);
      if (!co_await connection.write(std::to_string(*size) + ";", milliseconds(1'000))) break;
    }
    co_await connection.linger();
  }
  asio::awaitable<void> turn_away(Connection& connection) override { co_await connection.write("full", milliseconds(1'000)); }
  void on_refused() override { ++refused; }

  milliseconds idle{10'000};
  int refused = 0;
};

class Listening {
 public:
  explicit Listening(ListenerOptions options, milliseconds idle = milliseconds(10'000)) : listener_(io_, handler, log_, options) {
    handler.idle = idle;
    auto bound = Listener::bind(io_, {asio::ip::make_address("127.0.0.1"), 0});
    at_ = bound.local_endpoint();
    listener_.listen(std::move(bound));
    thread_ = std::thread([this] { io_.run(); });
  }
  ~Listening() {
    io_.stop();
    if (thread_.joinable()) thread_.join();
  }
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;

  Tcp::socket connect() {
    Tcp::socket socket(clients_);
    socket.connect(at_);
    return socket;
  }
  void drain() {
    asio::post(io_, [this] { listener_.drain(); });
  }

  [[nodiscard]] bool ended() {
    std::promise<bool> seen;
    asio::post(io_, [&] { seen.set_value(listener_.ended()); });
    return seen.get_future().get();
  }
  /// Waits until nothing is left to run.
  [[nodiscard]] bool ends() {
    thread_.join();
    return listener_.ended();
  }

  Echo handler;

 private:
  asio::io_context io_;
  asio::io_context clients_;
  Log log_{LogLevel::off};
  Listener listener_;
  Tcp::endpoint at_;
  std::thread thread_;
};

const std::string head = "GET / HTTP/1.1\r\n\r\n";

void send(Tcp::socket& socket, const std::string& bytes) { asio::write(socket, asio::buffer(bytes)); }

/// This many bytes, or all until the connection is closed.
std::string receive(Tcp::socket& socket, std::size_t bytes_max = 1'000) {
  std::string bytes(bytes_max, '\0');
  boost::system::error_code error;
  bytes.resize(asio::read(socket, asio::buffer(bytes), error));
  return bytes;
}

}  // namespace

TEST_CASE("a connection beyond the caps is refused, until another has closed") {
  ListenerOptions options{.connections_max = 10};
  SUBCASE("in total") { options.connections_max = 1; }
  SUBCASE("per address") { options.connections_per_address_max = 1; }
  Listening listening(options);
  {
    auto first = listening.connect();
    send(first, head);
    CHECK(receive(first, 3) == "18;");
    auto second = listening.connect();
    CHECK(receive(second) == "full");
    CHECK(listening.handler.refused == 1);
  }
  std::string response;
  for (int i = 0; i < 500 && response != "18;"; ++i) {
    auto next = listening.connect();
    send(next, head);
    response = receive(next, 3);
  }
  CHECK(response == "18;");
}

TEST_CASE("a connection that sends no head by its deadline is closed") {
  Listening listening({.connections_max = 1, .connection = {.when_late = WhenLate::close}}, milliseconds(100));
  auto idle = listening.connect();
  CHECK(receive(idle).empty());
}

TEST_CASE("draining closes connections up to a phase, and accepts no more") {
  auto last = Connection::Phase::idle;
  SUBCASE("between requests") {}
  SUBCASE("in a head") { last = Connection::Phase::head; }
  Listening listening({.connections_max = 10, .drains_up_to = last});
  auto idle = listening.connect();
  auto reading = listening.connect();
  send(reading, head + head.substr(0, 5));
  CHECK(receive(reading, 3) == "18;");
  std::this_thread::sleep_for(milliseconds(100));
  listening.drain();
  CHECK(receive(idle).empty());
  CHECK_THROWS(listening.connect());
  if (last == Connection::Phase::head) {
    CHECK(receive(reading).empty());
  } else {
    send(reading, head.substr(5));
    CHECK(receive(reading) == "18;");
  }
}

TEST_CASE("a drained listener has ended once its last connection is closed") {
  Listening listening({.connections_max = 10});
  auto open = listening.connect();
  send(open, head.substr(0, 5));
  CHECK_FALSE(listening.ended());
  listening.drain();
  CHECK_FALSE(listening.ended());
  send(open, head.substr(5));
  CHECK(receive(open) == "18;");
  CHECK(listening.ends());
}

}  // namespace listener_test
