// The check of a received webhook, as `lntpay verify` reports it: core/webhook/secret/signature verifies, this explains.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/secret.hpp"
#include "core/webhook/secret/signature.hpp"

namespace lntpay::host {

enum class CheckResult : std::uint8_t {
  valid,
  stale,
  future,
  mismatch,
  incomplete  ///< a header is missing or malformed, or the secret is
};
std::string_view result_name(CheckResult result);

/// One signature header.
struct HeaderCheck {
  std::string_view header;
  CheckResult result = CheckResult::mismatch;
  std::optional<std::size_t> secret{};  ///< the position of the secret whose signature matches, 1 is the first
  std::string detail;                   ///< for people
};

struct WebhookCheck {
  std::vector<HeaderCheck> headers;  ///< those that were given, `webhook-signature` first
  /// That of `webhook-signature` decides; where it was not given, any hex header suffices.
  [[nodiscard]] bool is_valid() const;
};

/// Header names are lower case. Without a signature header the result has no entries.
WebhookCheck check_webhook(std::span<const Secret> secrets, std::span<const Header> headers, std::string_view body, UnixMillis now,
                           Millis tolerance = signature_tolerance);

/// `name: value` with the name in lower case; nullopt without a colon or a name.
std::optional<Header> parse_header(std::string_view line);

}  // namespace lntpay::host
