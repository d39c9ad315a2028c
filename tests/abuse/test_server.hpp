// A client that sends exact bytes, and an HTTP server of the host with scripted sessions.
#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "host-adapters/server/http/http_server.hpp"
#include "host-adapters/stores/memory/memory_store.hpp"
#include "tests/support/host/scripted_instance.hpp"

namespace lntpay::host::testing {

class NoFetching final : public Fetching {
 public:
  void fetch(Outgoing, Done done) override { done(NotSent{"none in this test"}); }
};

/// The host's HTTP server on its own port.
class TestServer {
 public:
  explicit TestServer(HttpOptions options = {}, SessionLimits sessions = {})
      : worker_({.sessions = sessions, .sweep_every = std::chrono::hours(1)}, std::make_unique<MemoryStore>(),
                scripted_instances(script), fetching_, log_, metrics),
        http_(io_, worker_, placing_, options, log_, metrics) {
    if (auto started = worker_.start(); !started) std::abort();
    auto bound = Listener::bind(io_, {boost::asio::ip::make_address("127.0.0.1"), 0});
    port = bound.local_endpoint().port();
    http_.listen(std::move(bound));
    thread_ = std::thread([this] { io_.run(); });
  }
  ~TestServer() {
    io_.stop();
    thread_.join();
    worker_.stop();
  }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  void drain() {
    boost::asio::post(io_, [this] {
      http_.drain();
      worker_.drain();
    });
  }

  Script script;
  Metrics metrics;
  std::uint16_t port = 0;

 private:
  NoFetching fetching_;
  Log log_{LogLevel::off};
  Engine placing_;
  boost::asio::io_context io_{1};
  Worker worker_;
  HttpServer http_;
  std::thread thread_;
};

class Client {
 public:
  explicit Client(const TestServer& server) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    at.sin_port = htons(server.port);
    if (connect(socket_, reinterpret_cast<sockaddr*>(&at), sizeof(at)) != 0) std::abort();
  }
  ~Client() { close(socket_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  Client& send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto size = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (size <= 0) break;
      bytes.remove_prefix(static_cast<std::size_t>(size));
    }
    return *this;
  }
  void close_sending() { shutdown(socket_, SHUT_WR); }

  /// Until `enough` was received, the peer closes, or 10 seconds have passed.
  std::string receive_until(std::string_view enough) {
    while (received_.find(enough) == std::string::npos && receive_some()) {
    }
    return received_;
  }
  /// Everything until the peer closes.
  std::string receive_all() {
    while (receive_some()) {
    }
    return received_;
  }
  /// The status of a response after which the connection is closed; 0 without one.
  int status_and_close() {
    const std::string all = receive_all();
    if (!closed_ || !all.starts_with("HTTP/1.1 ")) return 0;
    return std::stoi(all.substr(9, 3));
  }
  [[nodiscard]] bool closed() const { return closed_; }

 private:
  bool receive_some() {
    pollfd wait{socket_, POLLIN, 0};
    if (poll(&wait, 1, 10'000) <= 0) return false;
    char buffer[16 * 1024];
    const auto size = recv(socket_, buffer, sizeof(buffer), 0);
    closed_ = size <= 0;
    if (size > 0) received_.append(buffer, static_cast<std::size_t>(size));
    return size > 0;
  }

  int socket_;
  std::string received_;
  bool closed_ = false;
};

/// The status that a new connection gets for these bytes and is closed with.
inline int status_of(const TestServer& server, std::string_view bytes) { return Client(server).send(bytes).status_and_close(); }

}  // namespace lntpay::host::testing
