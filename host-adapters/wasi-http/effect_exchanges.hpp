// Performs the engine's effects through HTTP exchanges: the first call of an effect, and the next step after each response. No I/O
// and no clock: the caller (wasi/) sends, waits and reports the responses.
//
//   EffectExchanges work(outside, effect);
//   auto next = work.begin(now);
//   HttpCall: perform the exchange, then next = work.answered(now, reply)
//   Backoff:  wait, then next = work.begin(now)
//   Reply:    the effect's reply
//
// Rows are stored in etcd, the volatile ones ("~…") as well, because an instance seldom serves two requests; a lease deletes those
// one to two hours after they were written.
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
  std::uint32_t timeout_ms = 0;          ///< of the whole exchange
  std::uint32_t connect_timeout_ms = 0;  ///< of connecting
  std::uint32_t lines = 0;               ///< as in Outgoing
  std::uint32_t body_limit = 0;
};

struct Backoff {
  Millis span;
};

using Next = std::variant<HttpCall, Backoff, Reply>;

/// A configured upstream of `fetch`.
struct Upstream {
  std::string name;   ///< "lnd-receive"
  std::string url;    ///< without a trailing slash
  std::string token;  ///< sent as a bearer token
};

/// The configured etcd members and upstreams.
struct Outside {
  /// At least one member. The next is tried where nothing could be sent to the previous one; a read also where it did not respond.
  std::vector<std::string> etcd_urls;
  std::string etcd_authorization{};  ///< Authorization header for etcd; empty: none
  host::EtcdSpace space{"lntpay/"};
  std::vector<Upstream> upstreams;
};

/// Whether a session's store responds. A session tries again after a commit of unknown outcome, so one that is silent would keep it
/// for minutes, 10 s at a time: after the second exchange without a response the session's other effects on the store fail at once.
class StoreSilence {
 public:
  void observe(const Reply& exchange);
  [[nodiscard]] bool lasts() const { return exchanges_ >= exchanges_max; }

 private:
  static constexpr unsigned exchanges_max = 2;
  unsigned exchanges_ = 0;  ///< without a response, since the last one
};

/// One effect. `outside` and `silence`, of its session, outlive it.
class EffectExchanges {
 public:
  EffectExchanges(const Outside& outside, StoreSilence& silence, Effect effect)
      : outside_(outside), silence_(silence), effect_(std::move(effect)) {}

  Next begin(UnixMillis now);
  Next answered(UnixMillis now, Reply exchange);

  /// Whether the effect is a commit of volatile rows.
  [[nodiscard]] bool may_be_lost() const;

 private:
  [[nodiscard]] Reply silent_reply() const;
  Next call_etcd(host::EtcdCall call);
  Next store_answered(UnixMillis now, const Reply& exchange);
  [[nodiscard]] Next polled(const WaitFor& wait, UnixMillis now, const Reply& rows);
  [[nodiscard]] Next send(const Outgoing& asked) const;

  const Outside& outside_;
  StoreSilence& silence_;
  Effect effect_;
  host::EtcdCall asked_{};        ///< the last call to etcd
  std::size_t endpoint_ = 0;      ///< index of the member called
  bool granting_ = false;         ///< the last call was for a lease
  std::uint64_t lease_hour_ = 0;  ///< hour of the lease requested
  Millis backoff_{};              ///< delay between two polls
};

}  // namespace lntpay::wasi_http
