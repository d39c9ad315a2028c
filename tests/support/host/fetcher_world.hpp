// What tests of the fetcher share: a server for one exchange at a time, resolvers, and replies as text.
#pragma once
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
#include <vector>

#include "host-adapters/server/outbound/dns_resolver.hpp"
#include "host-adapters/server/outbound/fetcher.hpp"

namespace lntpay::host::testing {

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

inline std::expected<void, std::string> allow_all(std::string_view, std::span<const std::string>) { return {}; }

inline Outgoing post(std::string url) {
  return {.upstream = "webhook",
          .method = "POST",
          .target = std::move(url),
          .headers = {{"content-type", "application/json"}},
          .body = "{}",
          .timeout_ms = 5'000,
          .once = true,
          .body_limit = 1'024};
}

inline Reply exchange(Fetcher& fetcher, Outgoing asked) {
  std::promise<Reply> done;
  auto reply = done.get_future();
  fetcher.fetch(std::move(asked), [&done](Reply each) { done.set_value(std::move(each)); });
  return reply.get();
}

inline std::string text(const Reply& reply) {
  if (const auto* answered = std::get_if<Answered>(&reply))
    return "answered " + std::to_string(answered->response.status) + " " + answered->response.body;
  if (const auto* broken = std::get_if<Broken>(&reply))
    return "broken " + std::to_string(broken->response.status) + " " + broken->response.body;
  if (std::holds_alternative<NoAnswer>(reply)) return "no answer";
  if (const auto* not_tried = std::get_if<NotTried>(&reply)) return "not tried: " + not_tried->reason;
  return "not sent: " + std::get<NotSent>(reply).reason;
}

inline MakeResolver resolve_by(ThreadedResolver::LookUp look_up) {
  return [look_up] { return std::make_unique<ThreadedResolver>(look_up); };
}

inline const MakeResolver loopback = resolve_by([](const std::string&) { return Addresses{"127.0.0.1"}; });

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

inline Outgoing post_of(std::string workspace, std::string url) {
  auto asked = post(std::move(url));
  asked.workspace = std::move(workspace);
  return asked;
}

}  // namespace lntpay::host::testing
