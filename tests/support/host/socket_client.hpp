// A client on a TCP connection that sends exact bytes and reads what comes.
#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

namespace lntpay::host::testing {

class SocketClient {
 public:
  /// Throws std::system_error if nothing listens on this port of the machine.
  explicit SocketClient(std::uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    at.sin_port = htons(port);
    if (connect(socket_, reinterpret_cast<sockaddr*>(&at), sizeof(at)) == 0) return;
    const auto reason = errno;
    close(socket_);
    throw std::system_error(reason, std::generic_category(), "connect");
  }
  ~SocketClient() { close(socket_); }
  SocketClient(const SocketClient&) = delete;
  SocketClient& operator=(const SocketClient&) = delete;

  SocketClient& send(std::string_view bytes) {
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

}  // namespace lntpay::host::testing
