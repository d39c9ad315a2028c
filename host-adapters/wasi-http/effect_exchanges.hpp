// How the engine's effects are performed where all that can leave is HTTP: what to send first, and what comes of each answer. No
// I/O, no clock: who has both (wasi/) sends, waits, and says what came of it.
//
//   EffectExchanges work(outside, effect);
//   auto next = work.begin(now);
//   HttpCall: make the exchange, then next = work.answered(now, reply)
//   Pause:    let the time pass, then next = work.begin(now)
//   Reply:    the effect's reply
//
// Rows are etcd's. Those that may be lost ("~…") are kept there too, for an instance seldom sees two requests; a lease removes them
// an hour or two after they were written.
#pragma once
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "core/storage/effect.hpp"
#include "host-adapters/stores/etcd/etcd_json.hpp"

namespace lntpay::wasi_http {

struct HttpCall {
  std::string method;
  std::string url;
  std::vector<Header> headers;
  std::string body;
  std::uint32_t timeout_ms = 0;          ///< over the whole exchange
  std::uint32_t connect_timeout_ms = 0;  ///< of it, until there is a connection
  std::uint32_t lines = 0;               ///< as in Outgoing
  std::uint32_t body_limit = 0;
};

struct Pause {
  Millis span;
};

using Next = std::variant<HttpCall, Pause, Reply>;

/// A configured name of `fetch`.
struct Upstream {
  std::string name;   ///< "lnd-receive"
  std::string url;    ///< without a slash at its end
  std::string token;  ///< sent as a bearer token
};

/// Where things are.
struct Outside {
  /// At least one member. The next is asked where nothing could be sent to the one before; what only reads, also where it gave no
  /// answer.
  std::vector<std::string> etcd_urls;
  std::string etcd_authorization{};  ///< sent to etcd as it is; empty: nothing
  host::EtcdSpace space{"lntpay/"};
  std::vector<Upstream> upstreams;
};

/// One effect. `outside` outlives it.
class EffectExchanges {
 public:
  EffectExchanges(const Outside& outside, Effect effect) : outside_(outside), effect_(std::move(effect)) {}

  Next begin(UnixMillis now);
  Next answered(UnixMillis now, Reply exchange);

  /// A commit of rows that may be lost at any time: as well at once.
  [[nodiscard]] bool may_be_lost() const;

 private:
  Next ask(host::EtcdCall call);
  Next store_answered(UnixMillis now, const Reply& exchange);
  [[nodiscard]] Next looked(const WaitFor& wait, UnixMillis now, const Reply& rows);
  [[nodiscard]] Next send(const Outgoing& asked) const;

  const Outside& outside_;
  Effect effect_;
  host::EtcdCall asked_{};        ///< what etcd was asked last
  std::size_t endpoint_ = 0;      ///< whom
  bool granting_ = false;         ///< the last call was for a lease
  std::uint64_t lease_hour_ = 0;  ///< whose lease was asked for
  Millis pause_{};                ///< between two looks
};

}  // namespace lntpay::wasi_http
