// The steps of each effect.
#include "host-adapters/wasi-http/effect_exchanges.hpp"

#include <algorithm>

#include "core/base/overload.hpp"
#include "host-adapters/stores/rules/store_limits.hpp"

namespace lntpay::wasi_http {
namespace {

constexpr std::uint32_t etcd_timeout_ms = 10'000;
constexpr std::uint32_t etcd_connect_timeout_ms = 2'000;
constexpr std::uint32_t etcd_answer_bytes_max = 64U << 20U;
constexpr Millis poll_first{50};
constexpr Millis poll_max = seconds(1);
constexpr std::uint64_t hour_ms = 3'600'000;
constexpr std::uint64_t lease_lifetime_s = 7'200;

/// One lease for all rows written in an hour: "LNTP" and the number of the hour.
constexpr std::uint64_t lease_of(std::uint64_t hour) { return (0x4c4e5450ULL << 32U) + hour; }

bool is_volatile(const Commit& commit) { return !commit.ops.empty() && host::is_volatile(host::key_of(commit.ops.front())); }

Get keys_of(const WaitFor& wait) {
  Get keys;
  for (const auto& check : wait.seen) keys.keys.push_back(check.key);
  return keys;
}

}  // namespace

void StoreSilence::observe(const Reply& exchange) { exchanges_ = std::holds_alternative<Answered>(exchange) ? 0 : exchanges_ + 1; }

Next EffectExchanges::begin(UnixMillis now) {
  endpoint_ = 0;
  if (silence_.lasts() && !std::holds_alternative<Outgoing>(effect_)) return silent_reply();
  const auto store = [this](const auto& asked) -> Next {
    if (auto why = host::refusal(asked)) return Reply(Failed{*std::move(why)});
    return call_etcd(outside_.space.call(asked));
  };
  return std::visit(Overload{
                        store,
                        [&](const Commit& asked) -> Next {
                          if (auto why = host::refusal(asked)) return Reply(Failed{*std::move(why)});
                          if (!is_volatile(asked)) return call_etcd(outside_.space.call(asked));
                          return call_etcd(outside_.space.call(asked, lease_of(now.value / hour_ms)));
                        },
                        [this](const WaitFor& wait) { return call_etcd(outside_.space.call(keys_of(wait))); },
                        [this](const Outgoing& asked) { return send(asked); },
                    },
                    effect_);
}

bool EffectExchanges::may_be_lost() const {
  const auto* commit = std::get_if<Commit>(&effect_);
  return commit != nullptr && is_volatile(*commit);
}

Next EffectExchanges::answered(UnixMillis now, Reply exchange) {
  if (std::holds_alternative<Outgoing>(effect_)) return exchange;
  const bool can_retry = std::holds_alternative<NotSent>(exchange) ||
                         (!std::holds_alternative<Commit>(effect_) && !std::holds_alternative<Answered>(exchange));
  if (can_retry && ++endpoint_ < outside_.etcd_urls.size()) return call_etcd(std::move(asked_));
  silence_.observe(exchange);
  return store_answered(now, exchange);
}

/// Nothing was sent.
Reply EffectExchanges::silent_reply() const {
  if (std::holds_alternative<WaitFor>(effect_)) return Woken{};
  return Failed{"etcd does not respond"};
}

Next EffectExchanges::call_etcd(host::EtcdCall call) {
  asked_ = std::move(call);
  HttpCall http{.method = "POST",
                .url = outside_.etcd_urls[endpoint_] + asked_.path,
                .headers = {{"content-type", "application/json"}},
                .body = asked_.body,
                .timeout_ms = etcd_timeout_ms,
                .connect_timeout_ms = etcd_connect_timeout_ms,
                .body_limit = etcd_answer_bytes_max};
  if (!outside_.etcd_authorization.empty()) http.headers.push_back({"authorization", outside_.etcd_authorization});
  return http;
}

Next EffectExchanges::store_answered(UnixMillis now, const Reply& exchange) {
  const auto& space = outside_.space;
  if (const auto* get = std::get_if<Get>(&effect_)) return space.reply(*get, exchange);
  if (const auto* range = std::get_if<Range>(&effect_)) return space.reply(*range, exchange);
  if (const auto* wait = std::get_if<WaitFor>(&effect_)) return polled(*wait, now, space.reply(keys_of(*wait), exchange));
  const auto& commit = std::get<Commit>(effect_);
  if (granting_) {
    granting_ = false;
    if (!std::holds_alternative<Answered>(exchange)) return Reply(Failed{"etcd did not grant a lease"});
    return call_etcd(space.call(commit, lease_of(lease_hour_)));
  }
  // Once per hour: the first instance that finds no lease requests it, and repeats its commit.
  const auto hour = now.value / hour_ms;
  if (is_volatile(commit) && host::EtcdSpace::lacks_lease(exchange) && lease_hour_ != hour) {
    lease_hour_ = hour;
    granting_ = true;
    return call_etcd(host::EtcdSpace::grant(lease_of(hour), lease_lifetime_s));
  }
  return space.reply(commit, exchange);
}

Next EffectExchanges::polled(const WaitFor& wait, UnixMillis now, const Reply& rows) {
  const auto* found = std::get_if<Entries>(&rows);
  if (found == nullptr || now >= wait.until) return Reply(Woken{});
  const bool same = std::ranges::equal(wait.seen, found->entries, [](const Check& seen, const std::optional<Entry>& row) {
    return row ? seen.version == row->version : !seen.version;
  });
  if (!same) return Reply(Woken{});
  backoff_ = std::clamp(backoff_ * 2, poll_first, poll_max);
  return Backoff{std::min(backoff_, wait.until - now)};
}

Next EffectExchanges::send(const Outgoing& asked) const {
  HttpCall call{.method = asked.method,
                .url = asked.target,
                .headers = asked.headers,
                .body = asked.body,
                .timeout_ms = asked.timeout_ms,
                .connect_timeout_ms = asked.timeout_ms / 2,
                .lines = asked.lines,
                .body_limit = asked.body_limit};
  // The engine has checked a webhook's host against the operator's list.
  if (asked.upstream == "webhook") return call;
  const auto upstream = std::ranges::find(outside_.upstreams, asked.upstream, &Upstream::name);
  if (upstream == outside_.upstreams.end()) return Reply(NotSent{"no upstream \"" + asked.upstream + "\" is configured"});
  call.url = upstream->url + asked.target;
  std::erase_if(call.headers, [](const Header& header) { return header.name == "authorization"; });
  call.headers.push_back({"authorization", "Bearer " + upstream->token});
  return call;
}

}  // namespace lntpay::wasi_http
