// One signed POST.
#include "host-adapters/server/cli/forward.hpp"

#include <utility>

#include "core/webhook/attempt/deliver.hpp"
#include "core/webhook/secret/signature.hpp"
#include "host-adapters/server/cli/http_call.hpp"
#include "host-adapters/server/ops/moments.hpp"

namespace lntpay::host {

ForwardOutcome forward(const ForwardTarget& target, const FeedEvent& event) {
  const auto began = unix_now();
  HttpRequest request{.method = "POST",
                      .url = target.url,
                      .headers = {{"content-type", "application/json"}, {"user-agent", std::string(delivery_user_agent)}},
                      .body = event.text,
                      .time_max = {delivery_timeout_ms},
                      .is_direct = true,
                      .is_verified = target.is_verified};
  for (auto& header : signed_headers({&target.secret, 1}, 0, event.id, began, event.text))
    request.headers.push_back(std::move(header));
  const auto answer = http_call(request);
  const auto ended = unix_now();
  ForwardOutcome outcome{.latency_ms = ended > began ? (ended - began).value : 0, .failure = {}};
  if (answer) {
    outcome.status = answer->status;
  } else {
    outcome.failure = answer.error();
  }
  return outcome;
}

std::expected<std::string, std::string> forward_url(const std::string& text) {
  const auto scheme = text.find("://");
  auto url = scheme == text.npos ? "http://" + text : text;
  if (text.empty() || !(url.starts_with("http://") || url.starts_with("https://")) || url.find_first_of(" \r\n") != url.npos)
    return std::unexpected("not a URL. Give one such as http://localhost:3000/hook");
  return url;
}

}  // namespace lntpay::host
