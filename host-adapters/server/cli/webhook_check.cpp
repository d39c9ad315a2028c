// Which secret matches, and why none does.
#include "host-adapters/server/cli/webhook_check.hpp"

#include <algorithm>

#include "core/base/ascii.hpp"
#include "core/base/integer.hpp"

namespace lntpay::host {
namespace {

constexpr std::string_view standard_header = "webhook-signature";

const std::string* find(std::span<const Header> headers, std::string_view name) {
  const auto at = std::ranges::find(headers, name, &Header::name);
  return at == headers.end() ? nullptr : &at->value;
}

/// Shells and editors add a line feed to a saved body.
std::string_view without_line_feed(std::string_view body) {
  if (body.ends_with('\n')) body.remove_suffix(1);
  if (body.ends_with('\r')) body.remove_suffix(1);
  return body;
}

template <class Matches>
std::optional<std::size_t> first_match(std::span<const Secret> secrets, Matches matches) {
  for (std::size_t i = 0; i < secrets.size(); ++i) {
    if (matches(secrets[i].reveal_text())) return i + 1;
  }
  return std::nullopt;
}

std::string mismatch_text(std::size_t secrets, bool has_added_line_feed) {
  if (has_added_line_feed)
    return "it matches without the line feed at the end of the body, which was added to it. Pass the bytes as received";
  return std::string(secrets == 1 ? "the secret does not match" : "no secret matches") +
         ", or the body is not the bytes that were received";
}

std::string age_text(std::int64_t age_s) {
  const auto seconds = std::abs(age_s);
  return seconds < 120 ? std::to_string(seconds) + " s" : std::to_string(seconds / 60) + " min";
}

HeaderCheck check_standard(std::span<const Secret> secrets, std::span<const Header> headers, std::string_view body, UnixMillis now,
                           Millis tolerance) {
  HeaderCheck check{.header = standard_header, .detail = {}};
  const auto* timestamp = find(headers, "webhook-timestamp");
  const auto sent_s = timestamp == nullptr ? std::nullopt : parse_integer<std::uint64_t>(*timestamp, unix_millis_max.value / 1'000);
  // The time is checked afterwards, so that a stale message is not mistaken for a wrong secret.
  const UnixMillis sent{sent_s.value_or(0) * 1'000};
  const auto matching = [&](std::string_view of) {
    return first_match(secrets,
                       [&](std::string_view secret) { return verify_webhook(secret, headers, of, sent, tolerance).has_value(); });
  };
  check.secret = matching(body);
  if (!check.secret) {
    const auto refused = verify_webhook(secrets.front().reveal_text(), headers, body, sent, tolerance);
    const bool is_unmatched = !refused && refused.error().starts_with("no signature matches");
    check.result = is_unmatched ? CheckResult::mismatch : CheckResult::incomplete;
    check.detail =
        is_unmatched ? mismatch_text(secrets.size(), body.ends_with('\n') && matching(without_line_feed(body))) : refused.error();
    return check;
  }
  const auto age_s = static_cast<std::int64_t>(now.value / 1'000) - static_cast<std::int64_t>(*sent_s);
  if (age_s > tolerance.value / 1'000) {
    check.result = CheckResult::stale;
    check.detail =
        "the signature matches, but webhook-timestamp is " + age_text(age_s) + " old. Check the clock, or pass --tolerance";
  } else if (age_s < -tolerance.value / 1'000) {
    check.result = CheckResult::future;
    check.detail =
        "the signature matches, but webhook-timestamp is " + age_text(age_s) + " ahead. Check the clock, or pass --tolerance";
  } else {
    check.result = CheckResult::valid;
    check.detail = "signed " + age_text(age_s) + (age_s < 0 ? " ahead" : " ago");
  }
  return check;
}

HeaderCheck check_hex(std::string_view name, std::string_view given, std::span<const Secret> secrets, std::string_view body) {
  HeaderCheck check{.header = name, .detail = {}};
  const auto matching = [&](std::string_view of) {
    return first_match(secrets, [&](std::string_view secret) {
      return constant_time_equal(bytes_of(body_signature(secret, of)), bytes_of(given));
    });
  };
  check.secret = matching(body);
  if (check.secret) {
    check.result = CheckResult::valid;
    check.detail = "it has no timestamp: a repeated message is valid too";
  } else {
    check.detail = mismatch_text(secrets.size(), body.ends_with('\n') && matching(without_line_feed(body))) +
                   ". During a rotation this header is signed with the active secret only";
  }
  return check;
}

}  // namespace

std::string_view result_name(CheckResult result) {
  switch (result) {
    case CheckResult::valid: return "valid";
    case CheckResult::stale: return "stale";
    case CheckResult::future: return "future";
    case CheckResult::mismatch: return "mismatch";
    case CheckResult::incomplete: return "incomplete";
  }
  return {};
}

bool WebhookCheck::is_valid() const {
  const auto is_good = [](const HeaderCheck& check) { return check.result == CheckResult::valid; };
  if (headers.empty()) return false;
  return headers.front().header == standard_header ? is_good(headers.front()) : std::ranges::any_of(headers, is_good);
}

WebhookCheck check_webhook(std::span<const Secret> secrets, std::span<const Header> headers, std::string_view body, UnixMillis now,
                           Millis tolerance) {
  WebhookCheck checked;
  if (find(headers, standard_header) != nullptr) checked.headers.push_back(check_standard(secrets, headers, body, now, tolerance));
  for (const std::string_view name : {"x-signature", "x-lntpay-signature"}) {
    if (const auto* given = find(headers, name)) checked.headers.push_back(check_hex(name, *given, secrets, body));
  }
  return checked;
}

std::optional<Header> parse_header(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == line.npos) return std::nullopt;
  if (line.ends_with('\r')) line.remove_suffix(1);
  Header header{ascii_lower(trimmed(line.substr(0, colon))), std::string(trimmed(line.substr(colon + 1)))};
  if (header.name.empty()) return std::nullopt;
  return header;
}

}  // namespace lntpay::host
