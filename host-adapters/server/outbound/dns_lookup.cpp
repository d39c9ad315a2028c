// c-ares: channels, sockets and results.
#include "host-adapters/server/outbound/dns_lookup.hpp"

#include <sys/time.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace lntpay::host {
namespace {

constexpr int first_try_ms = 1'000;           ///< doubled once every name server was asked
constexpr int tries = 4;                      ///< at each name server: longer than any lookup may take
constexpr int no_domains = ARES_OPT_DOMAINS;  ///< with `ndomains` 0: no search domains

struct FreeAddresses {
  void operator()(ares_addrinfo* found) const { ares_freeaddrinfo(found); }
};
using Found = std::unique_ptr<ares_addrinfo, FreeAddresses>;

ares_addrinfo_hints hints_for(int family) {
  ares_addrinfo_hints hints{};
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;
  return hints;
}

/// Null when the host lacks descriptors or memory.
AresChannel make_channel(ares_options options, int mask, std::string lookups) {
  options.lookups = lookups.data();
  ares_channel channel = nullptr;
  if (ares_init_options(&channel, &options, mask | ARES_OPT_LOOKUPS) != ARES_SUCCESS) return nullptr;
  return AresChannel(channel);
}

std::string reason_for(int status) {
  switch (status) {
    case ARES_ENOTFOUND: return "the name does not exist";
    case ARES_ENODATA: return "the name has no address";
    case ARES_ECONNREFUSED: return "no name server could answer";  // none was reached, or each reported that it failed
    default: return ares_strerror(status);
  }
}

void append_address(Addresses& addresses, const ares_addrinfo_node& node) {
  auto address = numeric_address(node.ai_addr, node.ai_addrlen);
  if (!address.empty() && !std::ranges::contains(addresses, address)) addresses.push_back(std::move(address));
}

}  // namespace

HostsFile::HostsFile() {
  static const int global = ares_library_init(ARES_LIB_INIT_ALL);
  if (global == ARES_SUCCESS) channel_ = make_channel({}, no_domains, "f");
  if (!channel_) throw std::runtime_error("c-ares could not be initialised");
}

std::optional<Addresses> HostsFile::find(const std::string& name) {
  Addresses addresses;
  const auto on_addresses = [](void* into, int, int, ares_addrinfo* list) {
    const Found found(list);
    if (!found) return;
    for (const auto* node = found->nodes; node != nullptr; node = node->ai_next)
      append_address(*static_cast<Addresses*>(into), *node);
  };
  const auto hints = hints_for(AF_UNSPEC);
  ares_getaddrinfo(channel_.get(), name.c_str(), nullptr, &hints, on_addresses, &addresses);
  ares_cancel(channel_.get());  // a file is read at once; in no case may it call back later
  if (addresses.empty()) return std::nullopt;
  return addresses;
}

DnsLookup::DnsLookup(const std::string& name, const std::string& name_servers, bool search_domains) {
  ares_options options{};
  options.timeout = first_try_ms;
  options.tries = tries;
  options.sock_state_cb = &DnsLookup::on_socket;
  options.sock_state_cb_data = this;
  const int domains = search_domains ? 0 : no_domains;
  channel_ = make_channel(options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB | domains, "b");
  if (!channel_ || (!name_servers.empty() && ares_set_servers_ports_csv(channel_.get(), name_servers.c_str()) != ARES_SUCCESS)) {
    error_ = {LookupError::Kind::not_tried, "the host could not begin to resolve the name"};
    return;
  }
  families_open_ = 2;
  ask(name, AF_INET6);
  ask(name, AF_INET);
}

void DnsLookup::ask(const std::string& name, int family) {
  const auto hints = hints_for(family);
  ares_getaddrinfo(channel_.get(), name.c_str(), nullptr, &hints, &DnsLookup::on_addresses, this);
}

void DnsLookup::on_socket(void* self, ares_socket_t socket, int readable, int writable) {
  auto& sockets = static_cast<DnsLookup*>(self)->sockets_;
  if (readable == 0 && writable == 0) {
    sockets.erase(socket);
  } else {
    sockets[socket] = static_cast<short>((readable != 0 ? POLLIN : 0) | (writable != 0 ? POLLOUT : 0));
  }
}

void DnsLookup::on_addresses(void* self, int status, int /*timeouts*/, ares_addrinfo* list) {
  const Found found(list);
  auto& lookup = *static_cast<DnsLookup*>(self);
  --lookup.families_open_;
  if (!found) {
    // A name with addresses of one family only has "no data" for the other: any other error is the reason.
    if (lookup.error_.reason.empty() || status != ARES_ENODATA) lookup.error_.reason = reason_for(status);
    return;
  }
  for (const auto* node = found->nodes; node != nullptr; node = node->ai_next) {
    append_address(node->ai_family == AF_INET6 ? lookup.ipv6_ : lookup.ipv4_, *node);
    lookup.ttl_ = std::min(lookup.ttl_, std::chrono::seconds(node->ai_ttl));
  }
}

void DnsLookup::append_sockets(std::vector<pollfd>& sockets) const {
  for (const auto& [socket, events] : sockets_) sockets.push_back({.fd = socket, .events = events, .revents = 0});
}

std::chrono::milliseconds DnsLookup::due_in(std::chrono::milliseconds at_most) const {
  timeval most{.tv_sec = at_most.count() / 1'000, .tv_usec = at_most.count() % 1'000 * 1'000};
  timeval due{};
  const timeval* soonest = ares_timeout(channel_.get(), &most, &due);
  return std::chrono::milliseconds(soonest->tv_sec * 1'000 + (soonest->tv_usec + 999) / 1'000);
}

void DnsLookup::take(const pollfd& ready) {
  const bool failed = (ready.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;
  const bool reads = failed || (ready.revents & POLLIN) != 0;
  const bool writes = failed || (ready.revents & POLLOUT) != 0;
  ares_process_fd(channel_.get(), reads ? ready.fd : ARES_SOCKET_BAD, writes ? ready.fd : ARES_SOCKET_BAD);
}

void DnsLookup::advance() { ares_process_fd(channel_.get(), ARES_SOCKET_BAD, ARES_SOCKET_BAD); }

std::optional<Resolved> DnsLookup::result() const {
  if (!ipv6_.empty() || !ipv4_.empty()) {
    auto addresses = ipv6_;
    addresses.insert(addresses.end(), ipv4_.begin(), ipv4_.end());
    return addresses;
  }
  if (!is_done()) return std::nullopt;
  return std::unexpected(error_);
}

}  // namespace lntpay::host
