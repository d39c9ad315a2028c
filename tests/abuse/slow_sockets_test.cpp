// A thousand slow clients at once: each gets 408 and is closed, and other clients are served.
#include <doctest/doctest.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <filesystem>
#include <iterator>
#include <string>
#include <thread>

#include "tests/abuse/test_server.hpp"

namespace slow_sockets_test {
using namespace lntpay;
using namespace lntpay::host;
using namespace lntpay::host::testing;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t slow_clients = 1'000;

std::ptrdiff_t open_descriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator());
}

/// This process holds both ends of every socket.
bool has_too_few_descriptors() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  return setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < 2 * slow_clients + 100;
}

/// Every client sends `first`, then `rest` a byte at a time; a fast client is served in between. Returns how many got 408.
std::size_t count_timed_out(TestServer& server, const std::string& first, const std::string& rest) {
  std::deque<SocketClient> slow;
  while (slow.size() < slow_clients) slow.emplace_back(server.port).send(first);
  for (const char& byte : rest) {
    CHECK(status_of(server, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") == 200);
    for (SocketClient& client : slow) client.send({&byte, 1});
    std::this_thread::sleep_for(100ms);
  }
  return static_cast<std::size_t>(
      std::ranges::count_if(slow, [](SocketClient& client) { return client.status_and_close() == 408; }));
}

}  // namespace

TEST_CASE("a thousand slow sockets get 408, none leaks, and others are served" * doctest::skip(has_too_few_descriptors())) {
  TestServer server({.head_time_max = 1'500ms, .body_grace = 1'500ms});
  const auto before = open_descriptors();
  SUBCASE("slow heads") { CHECK(count_timed_out(server, "GET / HTTP/1.1\r\n", "Host: x\r\n") == slow_clients); }
  SUBCASE("slow bodies") {
    CHECK(count_timed_out(server, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n", "get slowly") == slow_clients);
  }
  for (int i = 0; i < 500 && server.metrics.connections.value() > 0; ++i) std::this_thread::sleep_for(10ms);
  CHECK(server.metrics.connections.value() == 0);
  CHECK(open_descriptors() == before);
}

}  // namespace slow_sockets_test
