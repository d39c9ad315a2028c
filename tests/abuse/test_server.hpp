// An HTTP server of the host with scripted sessions.
#pragma once
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
#include "tests/support/host/socket_client.hpp"

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

/// The status that a new connection gets for these bytes and is closed with.
inline int status_of(const TestServer& server, std::string_view bytes) {
  return SocketClient(server.port).send(bytes).status_and_close();
}

}  // namespace lntpay::host::testing
