// One lookup of a name over c-ares.
#pragma once
#include <ares.h>
#include <poll.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "host-adapters/server/outbound/resolver.hpp"

namespace lntpay::host {

struct FreeAresChannel {
  void operator()(ares_channeldata* channel) const { ares_destroy(channel); }
};
using AresChannel = std::unique_ptr<ares_channeldata, FreeAresChannel>;

/// /etc/hosts, read at each call.
class HostsFile {
 public:
  HostsFile();
  /// IPv4 and IPv6 addresses of the name. `localhost` is the loopback address, also where the file does not have it.
  [[nodiscard]] std::optional<Addresses> find(const std::string& name);

 private:
  AresChannel channel_;
};

/// Asks the name servers for IPv6 and IPv4 addresses at once, on a channel of its own: a lookup can be ended at any time without
/// the others, queries do not share a source port, and /etc/resolv.conf is read again for each.
class DnsLookup {
 public:
  /// `name_servers`: "127.0.0.1:5353,[::1]:53"; empty: those of /etc/resolv.conf. `search_domains`: those of /etc/resolv.conf
  /// apply. Names that tenants write are complete.
  DnsLookup(const std::string& name, const std::string& name_servers, bool search_domains);
  ~DnsLookup() = default;
  DnsLookup(const DnsLookup&) = delete;
  DnsLookup& operator=(const DnsLookup&) = delete;

  void append_sockets(std::vector<pollfd>& sockets) const;
  /// When `advance` must be called at the latest.
  [[nodiscard]] std::chrono::milliseconds due_in(std::chrono::milliseconds at_most) const;
  /// Reads and writes at a socket that poll reported.
  void take(const pollfd& ready);
  /// Retries queries whose time for a response has expired.
  void advance();

  [[nodiscard]] bool is_done() const { return families_open_ == 0; }
  /// The addresses so far, IPv6 first (RFC 8305 section 4); without any, the error, or nullopt while a family is open.
  [[nodiscard]] std::optional<Resolved> result() const;
  /// Of the addresses: the shortest.
  [[nodiscard]] std::chrono::seconds ttl() const { return ttl_; }

 private:
  void ask(const std::string& name, int family);
  static void on_socket(void* self, ares_socket_t socket, int readable, int writable);
  static void on_addresses(void* self, int status, int timeouts, ares_addrinfo* list);

  std::unordered_map<ares_socket_t, short> sockets_;  ///< with the events to wait for
  Addresses ipv6_;
  Addresses ipv4_;
  std::chrono::seconds ttl_ = std::chrono::seconds::max();
  int families_open_ = 0;
  LookupError error_;
  AresChannel channel_;  ///< last member: destroyed first, because it calls back into the others
};

}  // namespace lntpay::host
