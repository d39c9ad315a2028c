// The effects that an operation requests from its host, and their replies: the types of wit/edge.wit, field by field.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/units.hpp"

namespace lntpay {

/// Lower-case name and value.
struct Header {
  std::string name;
  std::string value;
  bool operator==(const Header&) const = default;
};

struct Response {
  std::uint16_t status = 0;
  std::vector<Header> headers;
  std::string body;
  bool operator==(const Response&) const = default;
};

/// The host's clock and 256 fresh random bits.
struct Moment {
  UnixMillis now;
  std::array<std::uint64_t, 4> entropy{};
};

/// A row. `version` is new on every write of the key; only equality means anything.
struct Entry {
  std::string key;
  std::string value;
  std::uint64_t version = 0;
  bool operator==(const Entry&) const = default;
};

/// Reads the rows of several keys; the reply has them in the same order.
struct Get {
  std::vector<std::string> keys;
  bool operator==(const Get&) const = default;
};

inline constexpr std::uint32_t scan_limit_max = 1'000;

/// Keys that start with `prefix` in byte order, strictly after `after` in the direction of the scan ("" = from its start).
struct Range {
  std::string prefix;
  std::string after;
  std::uint32_t limit = scan_limit_max;
  bool reverse = false;
  bool operator==(const Range&) const = default;
};

/// Holds when the key's row has this version; nullopt = there must be no row.
struct Check {
  std::string key;
  std::optional<std::uint64_t> version;
  bool operator==(const Check&) const = default;
};

struct Put {
  std::string key;
  std::string value;
  bool operator==(const Put&) const = default;
};

struct Delete {
  std::string key;
  bool operator==(const Delete&) const = default;
};

using Op = std::variant<Put, Delete>;

/// Atomic. Every key is in one shard; all keys are durable or all volatile.
struct Commit {
  std::vector<Check> checks;
  std::vector<Op> ops;
  bool operator==(const Commit&) const = default;
};

/// An HTTP request for the host to send.
struct Outgoing {
  std::string upstream;  ///< "lnd-receive", "lnd-pay", "webhook"
  std::string method;
  std::string target;  ///< path and query; for "webhook" the whole URL
  std::vector<Header> headers;
  std::string body;
  std::uint32_t timeout_ms = 0;
  std::uint32_t lines = 0;  ///< 0: read to the end; n: close the connection after n lines
  bool once = false;        ///< on a connection of its own, never retried by any layer
  std::uint32_t body_limit = 0;
  std::string workspace{};  ///< whose share of the host's exchanges it takes; empty: the operator's own
  bool operator==(const Outgoing&) const = default;
};

/// Resumed when one of the versions differs or changes, at the time, or spuriously.
struct WaitFor {
  std::vector<Check> seen;
  UnixMillis until;
  bool operator==(const WaitFor&) const = default;
};

using Effect = std::variant<Get, Range, Commit, Outgoing, WaitFor>;

struct Entries {
  std::vector<std::optional<Entry>> entries;
};
struct Scanned {
  std::vector<Entry> entries;
};
struct Committed {};
struct Conflict {};  ///< a check did not hold; nothing was written
struct Unknown {     ///< may or may not have been written
  std::string reason;
};
struct Failed {  ///< the store failed and nothing was written; or the host ends the wait
  std::string reason;
};
struct Answered {
  Response response;
};
struct Broken {  ///< head and body so far; then the request timed out or the connection broke
  Response response;
  std::string reason;
};
struct NotSent {  ///< nothing left the host
  std::string reason;
};
struct NoAnswer {  ///< something may have left the host; no head arrived
  std::string reason;
};
struct Woken {};
struct NotTried {  ///< the host has no capacity or is stopping: no attempt was made
  std::string reason;
};

using Reply =
    std::variant<Entries, Scanned, Committed, Conflict, Unknown, Failed, Answered, Broken, NotSent, NoAnswer, Woken, NotTried>;

/// The reason, where the reply proves that nothing left the host; else null.
inline const std::string* reason_unsent(const Reply& reply) {
  if (const auto* not_sent = std::get_if<NotSent>(&reply)) return &not_sent->reason;
  if (const auto* not_tried = std::get_if<NotTried>(&reply)) return &not_tried->reason;
  return nullptr;
}

}  // namespace lntpay
