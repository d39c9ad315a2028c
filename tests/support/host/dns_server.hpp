// A name server on a UDP port of this machine that answers as a test scripts it.
#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace lntpay::host::testing {

struct DnsAnswer {
  std::vector<std::string> addresses{};  ///< IPv4 for a question of type A, IPv6 for AAAA
  std::uint32_t ttl_s = 60;
  std::uint8_t code = 0;  ///< 2: SERVFAIL, 3: NXDOMAIN
};

class DnsServer {
 public:
  /// The answer to a question of type "A" or "AAAA"; nullopt: silence. Called on the server's thread.
  using Script = std::function<std::optional<DnsAnswer>(const std::string& name, const std::string& type)>;

  explicit DnsServer(Script script) : script_(std::move(script)), socket_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(at);
    if (bind(socket_, reinterpret_cast<sockaddr*>(&at), size) != 0 ||
        getsockname(socket_, reinterpret_cast<sockaddr*>(&at), &size) != 0)
      throw std::system_error(errno, std::generic_category(), "a name server's port");
    port_ = ntohs(at.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  ~DnsServer() {
    const int waker = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const auto to = own_address();
    sendto(waker, "", 0, 0, reinterpret_cast<const sockaddr*>(&to), sizeof(to));  // an empty datagram ends the thread
    thread_.join();
    close(waker);
    close(socket_);
  }
  DnsServer(const DnsServer&) = delete;
  DnsServer& operator=(const DnsServer&) = delete;

  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  /// "A shop.example", in the order received; each copy of a repeated question.
  [[nodiscard]] std::vector<std::string> questions() {
    const std::lock_guard lock(mutex_);
    return questions_;
  }
  /// How often this was asked.
  [[nodiscard]] std::size_t count(std::string_view question) {
    std::size_t times = 0;
    for (const auto& each : questions()) times += each == question ? 1 : 0;
    return times;
  }

 private:
  static constexpr std::size_t header_bytes = 12;  // RFC 1035 section 4.1.1
  static constexpr std::size_t question_tail_bytes = 4;
  static constexpr char type_a = 1;
  static constexpr char type_aaaa = 28;

  [[nodiscard]] sockaddr_in own_address() const {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    at.sin_port = htons(port_);
    return at;
  }

  void run() {
    std::array<char, 1'500> bytes{};
    for (;;) {
      sockaddr_in from{};
      socklen_t from_size = sizeof(from);
      const auto size = recvfrom(socket_, bytes.data(), bytes.size(), 0, reinterpret_cast<sockaddr*>(&from), &from_size);
      if (size <= 0) return;
      const auto reply = reply_to({bytes.data(), static_cast<std::size_t>(size)});
      if (reply) sendto(socket_, reply->data(), reply->size(), 0, reinterpret_cast<const sockaddr*>(&from), from_size);
    }
  }

  std::optional<std::string> reply_to(std::string_view query) {
    if (query.size() < header_bytes) return std::nullopt;
    std::string name;
    std::size_t at = header_bytes;
    while (at < query.size() && query[at] != 0) {
      const auto length = static_cast<std::size_t>(static_cast<unsigned char>(query[at]));
      if (!name.empty()) name += '.';
      name += query.substr(at + 1, length);
      at += 1 + length;
    }
    const std::size_t end = at + 1 + question_tail_bytes;
    if (end > query.size()) return std::nullopt;
    const char type = query[at + 2];
    const std::string type_name = type == type_a ? "A" : type == type_aaaa ? "AAAA" : "other";
    {
      const std::lock_guard lock(mutex_);
      questions_.push_back(type_name + " " + name);
    }
    const auto answer = script_(name, type_name);
    if (!answer) return std::nullopt;
    return written(query.substr(0, 2), query.substr(header_bytes, end - header_bytes), type, *answer);
  }

  static std::string written(std::string_view id, std::string_view question, char type, const DnsAnswer& answer) {
    std::string reply(id);
    reply += '\x81';                                   // a response; recursion desired
    reply += static_cast<char>('\x80' | answer.code);  // recursion available
    const auto add_u16 = [&reply](std::size_t n) {
      reply += static_cast<char>(n >> 8);
      reply += static_cast<char>(n & 0xFF);
    };
    for (const std::size_t count : {std::size_t{1}, answer.addresses.size(), std::size_t{0}, std::size_t{0}}) add_u16(count);
    reply += question;
    for (const auto& address : answer.addresses) {
      std::array<char, 16> bytes{};
      const std::size_t size = type == type_a ? 4 : bytes.size();
      inet_pton(type == type_a ? AF_INET : AF_INET6, address.c_str(), bytes.data());
      add_u16(0xC000 | header_bytes);  // the name of the question
      add_u16(static_cast<std::size_t>(type));
      add_u16(1);
      add_u16(answer.ttl_s >> 16);
      add_u16(answer.ttl_s & 0xFFFF);
      add_u16(size);
      reply.append(bytes.data(), size);
    }
    return reply;
  }

  Script script_;
  int socket_;
  std::uint16_t port_ = 0;
  std::mutex mutex_;
  std::vector<std::string> questions_;
  std::thread thread_;
};

}  // namespace lntpay::host::testing
