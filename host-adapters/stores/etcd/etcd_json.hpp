// etcd as a store, by its JSON gateway (etcd v3, POST /v3/kv/…): what to ask for an effect, and what the exchange that came of it
// says. No I/O: whoever can make HTTP exchanges performs the call, the resident host or a guest that has wasi:http.
//
//   const auto call = space.call(commit);                    // POST call.path with call.body
//   return EtcdSpace::reply(commit, exchange);               // Committed, Conflict, Unknown or Failed
//
// A commit is one Txn with a compare for each check; a row's version is its mod_revision. What lies outside of etcd's own limits
// (--max-txn-ops 128, --max-request-bytes 1.5 MiB by default) is Failed and never split.
//
// Rows that may be lost can be put under a lease: etcd removes them when it ends. A lease has a number that its user chose; a put
// under one that is not there (any more) is refused, `lacks_lease` tells, and `grant` makes it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/storage/effect.hpp"

namespace lntpay::host {

struct EtcdCall {
  std::string path;  ///< "/v3/kv/txn"
  std::string body;  ///< JSON
};

/// Rows under one prefix of etcd's keys, so that several stores can share a cluster.
class EtcdSpace {
 public:
  /// Not empty: "lntpay/".
  explicit EtcdSpace(std::string prefix) : prefix_(std::move(prefix)) {}

  [[nodiscard]] EtcdCall call(const Get& asked) const;
  [[nodiscard]] EtcdCall call(const Range& asked) const;
  [[nodiscard]] EtcdCall call(const Commit& asked, std::optional<std::uint64_t> lease = std::nullopt) const;

  /// Makes a lease of that number, 1 to 2^63 - 1. That there is one already is no reason not to use it.
  [[nodiscard]] static EtcdCall grant(std::uint64_t lease, std::uint64_t lifetime_s);
  /// Whether a commit was refused for want of its lease.
  [[nodiscard]] static bool lacks_lease(const Reply& exchange);

  /// `exchange` is the reply to the fetch of the call. What etcd refuses, and what never reached it, is Failed; a commit of which
  /// it is not known is Unknown.
  [[nodiscard]] Reply reply(const Get& asked, const Reply& exchange) const;
  [[nodiscard]] Reply reply(const Range& asked, const Reply& exchange) const;
  [[nodiscard]] Reply reply(const Commit& asked, const Reply& exchange) const;

 private:
  [[nodiscard]] std::string coded(std::string_view key) const;

  std::string prefix_;
};

}  // namespace lntpay::host
