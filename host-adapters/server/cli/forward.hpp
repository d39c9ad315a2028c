// Forwarding of an event to a local receiver, signed as its webhook is.
#pragma once
#include <string>

#include "core/base/secret.hpp"
#include "host-adapters/server/cli/event_feed.hpp"

namespace lntpay::host {

struct ForwardTarget {
  std::string url;
  Secret secret;
  bool is_verified = true;  ///< false: any certificate is accepted
};

struct ForwardOutcome {
  long status = 0;  ///< 0: no response
  std::int64_t latency_ms = 0;
  std::string failure;  ///< why there is no response

  [[nodiscard]] bool is_accepted() const { return status >= 200 && status < 300; }
};

/// One attempt, with the headers, body and timeout of a webhook.
ForwardOutcome forward(const ForwardTarget& target, const FeedEvent& event);

/// Whether the URL is http or https; `localhost:3000/hook` becomes http. The error is for people.
std::expected<std::string, std::string> forward_url(const std::string& text);

}  // namespace lntpay::host
