// Addresses as text, and literals by getaddrinfo.
#include "host-adapters/server/outbound/resolver.hpp"

#include <arpa/inet.h>
#include <netdb.h>

#include <array>

namespace lntpay::host {

std::string address_text(std::span<const unsigned char> bytes) {
  constexpr std::size_t ipv4_bytes = 4;
  constexpr std::size_t ipv6_bytes = 16;
  if (bytes.size() != ipv4_bytes && bytes.size() != ipv6_bytes) return {};
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(bytes.size() == ipv4_bytes ? AF_INET : AF_INET6, bytes.data(), text.data(), text.size());
  return text.data();
}

std::string numeric_address(const sockaddr* address, socklen_t size) {
  std::array<char, NI_MAXHOST> text{};
  if (getnameinfo(address, size, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) != 0) return {};
  return text.data();
}

std::optional<Addresses> literal_addresses(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST;
  addrinfo* list = nullptr;
  if (getaddrinfo(host.c_str(), nullptr, &hints, &list) != 0) return std::nullopt;
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(list, &freeaddrinfo);
  auto address = numeric_address(list->ai_addr, list->ai_addrlen);
  if (address.empty()) return std::nullopt;
  return Addresses{std::move(address)};
}

}  // namespace lntpay::host
