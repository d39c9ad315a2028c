// Resolving a host's name: the interface of the resolvers, and address literals.
#pragma once
#include <sys/socket.h>

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lntpay::host {

/// Numeric addresses, IPv4 and IPv6.
using Addresses = std::vector<std::string>;

struct LookupError {
  enum class Kind : std::uint8_t {
    failed,     ///< the name has no address, or no name server returned one in time
    not_tried,  ///< the host has no capacity for the lookup
  };
  Kind kind = Kind::failed;
  std::string reason;
};

/// All addresses of a name, at least one; or the reason why there are none.
using Resolved = std::expected<Addresses, LookupError>;

class Resolver {
 public:
  using Done = std::function<void(Resolved)>;

  Resolver() = default;
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  /// Discards all lookups: no `done` is called afterwards.
  virtual ~Resolver() = default;

  /// An address literal, in any spelling that the system accepts, resolves to itself. `done` is called at most once, on any thread,
  /// possibly before `resolve` returns; it must not block.
  virtual void resolve(std::string host, Done done) = 0;
};

using MakeResolver = std::function<std::unique_ptr<Resolver>()>;

/// The text of 4 or 16 bytes, in network order; empty for any other number.
std::string address_text(std::span<const unsigned char> bytes);
/// "127.0.0.1", "2001:db8::1", "fe80::1%eth0"; empty for other families.
std::string numeric_address(const sockaddr* address, socklen_t size);
/// The address that a literal such as 127.0.0.1, 127.1 or ::1 denotes; nullopt for a name. Does not block.
std::optional<Addresses> literal_addresses(const std::string& host);

}  // namespace lntpay::host
