// Jitter, Retry-After, and the classification of responses.
#include "core/webhook/queue/schedule.hpp"

#include <algorithm>

#include "core/base/ascii.hpp"
#include "core/base/integer.hpp"
#include "core/base/time.hpp"

namespace lntpay {
namespace {

constexpr std::int64_t jitter_percent = 20;
constexpr std::size_t reason_bytes_max = 200;

/// RFC 9110, 10.2.3: Retry-After = HTTP-date / delay-seconds
std::optional<Millis> retry_after_of(const Response& response, UnixMillis now) {
  const auto header = std::ranges::find(response.headers, "retry-after", &Header::name);
  if (header == response.headers.end()) return std::nullopt;
  const auto& text = header->value;
  if (!text.empty() && std::ranges::all_of(text, is_digit)) {
    const auto limit = retry_after_max.value / 1'000;
    return seconds(parse_integer<std::int64_t>(text, limit).value_or(limit));
  }
  const auto date = parse_http_date(text, now);
  if (!date) return std::nullopt;
  return *date > now ? *date - now : Millis{0};
}

/// Cut at a UTF-8 boundary; without U+0000, which some stores reject.
std::string truncated(std::string_view body, std::size_t bytes_max = stored_body_bytes_max) {
  auto size = std::min(body.size(), bytes_max);
  if (size < body.size()) {
    while (size > 0 && (static_cast<unsigned char>(body[size]) & 0xc0) == 0x80) --size;
  }
  std::string text(body.substr(0, size));
  std::ranges::replace(text, '\0', ' ');
  return text;
}

std::string with_reason(std::string_view failure, std::string_view reason) {
  std::string text(failure);
  if (!reason.empty()) text.append(": ").append(truncated(reason, reason_bytes_max));
  return text;
}

AttemptOutcome outcome_of_response(const Response& response, UnixMillis now) {
  AttemptOutcome outcome{.code = response.status, .body = truncated(response.body), .retry_after = retry_after_of(response, now)};
  if (response.status >= 200 && response.status < 300) {
    outcome.result = AttemptResult::delivered;
  } else if (response.status == 410) {
    outcome.result = AttemptResult::gone;
    outcome.reason = "410 Gone";
  } else if (response.status >= 300 && response.status < 400) {
    outcome.reason = "redirects are not followed";
  } else {
    outcome.reason = "the response was not 2xx";
  }
  return outcome;
}

}  // namespace

AttemptOutcome outcome_of(const Reply& reply, UnixMillis now) {
  if (const auto* answered = std::get_if<Answered>(&reply)) return outcome_of_response(answered->response, now);
  if (const auto* broken = std::get_if<Broken>(&reply)) {
    return {.code = broken->response.status,
            .reason = with_reason("the response was truncated", broken->reason),
            .body = truncated(broken->response.body)};
  }
  if (const auto* not_sent = std::get_if<NotSent>(&reply))
    return unsent_attempt(with_reason("could not connect", not_sent->reason));
  if (const auto* not_tried = std::get_if<NotTried>(&reply))
    return {.result = AttemptResult::not_tried, .reason = with_reason("not attempted", not_tried->reason)};
  const auto* none = std::get_if<NoAnswer>(&reply);
  return unsent_attempt(with_reason("no response", none == nullptr ? std::string_view{} : none->reason));
}

AttemptOutcome unsent_attempt(std::string reason) { return {.reason = std::move(reason)}; }

Millis capacity_delay(Millis waited, Random& random) {
  constexpr Millis shortest = seconds(2);
  constexpr Millis longest = seconds(60);
  constexpr std::uint64_t spread_ms = 4'000;
  const auto base = std::clamp(Millis{waited.value / 2}, shortest, longest);
  return {base.value + static_cast<std::int64_t>(random.below(spread_ms + 1))};
}

std::optional<Millis> next_delay(std::uint32_t tries, std::optional<Millis> retry_after, Random& random) {
  if (tries >= delivery_delays.size()) return std::nullopt;
  const auto base = delivery_delays[tries];
  if (retry_after) {
    const auto delay = std::clamp(*retry_after, base, std::max(base, retry_after_max));
    const auto later_max = std::min(Millis{delay.value * jitter_percent / 100}, retry_after_jitter_max);
    return Millis{delay.value + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(later_max.value) + 1))};
  }
  const auto spread = base.value * jitter_percent / 100;
  const auto shift = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(2 * spread + 1))) - spread;
  return Millis{base.value + shift};
}

}  // namespace lntpay
