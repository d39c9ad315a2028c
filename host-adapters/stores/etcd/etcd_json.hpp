// etcd as a store through its JSON gateway (etcd v3, POST /v3/kv/…): the HTTP call of each effect, and the reply for each response.
// No I/O: the caller makes the HTTP exchange.
//
//   const auto call = space.call(commit);                    // POST call.path with call.body
//   return EtcdSpace::reply(commit, exchange);               // Committed, Conflict, Unknown or Failed
//
// A commit is one Txn with a compare for each check; a row's version is its mod_revision. A commit above etcd's own limits
// (--max-txn-ops 128, --max-request-bytes 1.5 MiB by default) returns Failed and is never split.
//
// Volatile rows can be put under a lease: etcd deletes them when it expires. The caller chooses the lease's number; a put under a
// missing lease is rejected, `lacks_lease` detects that, and `grant` creates the lease.
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

  /// Creates the lease with that number, 1 to 2^63 - 1. If it exists already, it can be used all the same.
  [[nodiscard]] static EtcdCall grant(std::uint64_t lease, std::uint64_t lifetime_s);
  /// Whether a commit was rejected because its lease is missing.
  [[nodiscard]] static bool lacks_lease(const Reply& exchange);

  /// `exchange` is the reply to the call. Failed where etcd rejected the call or it was not sent; a commit whose outcome is
  /// uncertain returns Unknown.
  [[nodiscard]] Reply reply(const Get& asked, const Reply& exchange) const;
  [[nodiscard]] Reply reply(const Range& asked, const Reply& exchange) const;
  [[nodiscard]] Reply reply(const Commit& asked, const Reply& exchange) const;

 private:
  [[nodiscard]] std::string coded(std::string_view key) const;

  std::string prefix_;
};

}  // namespace lntpay::host
