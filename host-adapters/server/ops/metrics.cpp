// Counting responses, and the Prometheus text.
#include "host-adapters/server/ops/metrics.hpp"

#include <algorithm>
#include <string_view>

namespace lntpay::host {
namespace {

struct Bound {
  std::uint64_t micros;
  std::string_view label;
};

constexpr std::array<Bound, 9> bounds{{{1'000, "0.001"},
                                       {2'500, "0.0025"},
                                       {5'000, "0.005"},
                                       {10'000, "0.01"},
                                       {25'000, "0.025"},
                                       {100'000, "0.1"},
                                       {500'000, "0.5"},
                                       {2'500'000, "2.5"},
                                       {10'000'000, "10"}}};

void head(std::string& text, std::string_view name, std::string_view kind, std::string_view help) {
  text.append("# HELP ").append(name).append(" ").append(help).append("\n");
  text.append("# TYPE ").append(name).append(" ").append(kind).append("\n");
}

void line(std::string& text, std::string_view name, std::string_view labels, std::uint64_t value) {
  text.append(name).append(labels).append(" ").append(std::to_string(value)).append("\n");
}

/// {kind="webhook"}; kinds are parts of rows' keys, which may be damaged.
std::string label(std::string_view name, std::string_view value, std::string_view more = {}) {
  std::string text = "{";
  text.append(name).append("=\"");
  for (const char c : value) text += c >= ' ' && c < '\x7f' && c != '"' && c != '\\' ? c : '?';
  return text.append("\"").append(more).append("}");
}

/// 0: nothing waits.
std::uint64_t age_s(std::optional<UnixMillis> since, UnixMillis now) {
  const auto age_ms = since ? std::max<std::int64_t>((now - *since).value, 0) : 0;
  return static_cast<std::uint64_t>(age_ms) / 1'000;
}

void append_due(std::string& text, const std::vector<DueFigures>& due, UnixMillis now) {
  head(text, "lntpay_due_tasks", "gauge", "Due work that this host has listed: waiting to be started, or running.");
  for (const auto& each : due) {
    line(text, "lntpay_due_tasks", label("kind", each.kind, ",state=\"waiting\""), each.waiting);
    line(text, "lntpay_due_tasks", label("kind", each.kind, ",state=\"running\""), each.running);
  }
  head(text, "lntpay_due_oldest_seconds", "gauge", "How long the oldest due work has been waiting to be started.");
  for (const auto& each : due) line(text, "lntpay_due_oldest_seconds", label("kind", each.kind), age_s(each.oldest, now));
}

void append_webhooks(std::string& text, const WebhookCounts& counts, UnixMillis now) {
  head(text, "lntpay_webhook_endpoints", "gauge", "Webhook endpoints of all workspaces, as last counted.");
  line(text, "lntpay_webhook_endpoints", "{status=\"enabled\"}", counts.endpoints_enabled);
  line(text, "lntpay_webhook_endpoints", "{status=\"disabled\"}", counts.endpoints_disabled);
  head(text, "lntpay_webhook_deliveries_queued", "gauge", "Deliveries that wait for an attempt, due or not, as last counted.");
  line(text, "lntpay_webhook_deliveries_queued", "{attempt=\"first\"}", counts.queued_first);
  line(text, "lntpay_webhook_deliveries_queued", "{attempt=\"retry\"}", counts.queued_retries);
  head(text, "lntpay_webhook_oldest_due_seconds", "gauge",
       "How long the oldest due delivery of an enabled endpoint has been waiting.");
  line(text, "lntpay_webhook_oldest_due_seconds", "{attempt=\"first\"}", age_s(counts.oldest_first, now));
  line(text, "lntpay_webhook_oldest_due_seconds", "{attempt=\"retry\"}", age_s(counts.oldest_retry, now));
}

void single(std::string& text, std::string_view name, std::string_view kind, std::string_view help, std::uint64_t value) {
  head(text, name, kind, help);
  line(text, name, "", value);
}

}  // namespace

void Metrics::count_response(std::uint16_t status, std::uint64_t micros) {
  responses[std::min<std::size_t>(status / 100, responses.size() - 1)].add();
  const auto* bound = std::ranges::lower_bound(bounds, micros, {}, &Bound::micros);
  request_seconds[static_cast<std::size_t>(bound - bounds.begin())].add();
  request_micros_sum.add(micros);
}

std::string Metrics::text(UnixMillis now) const {
  std::string text;
  head(text, "lntpay_http_responses_total", "counter", "Responses by status class.");
  for (std::size_t i = 1; i < responses.size(); ++i)
    line(text, "lntpay_http_responses_total", "{class=\"" + std::to_string(i) + "xx\"}", responses[i].value());
  head(text, "lntpay_http_request_seconds", "histogram", "Time from the end of the request head to the last byte of the response.");
  std::uint64_t cumulated = 0;
  for (std::size_t i = 0; i < request_seconds.size(); ++i) {
    cumulated += request_seconds[i].value();
    const std::string label(i < bounds.size() ? bounds[i].label : "+Inf");
    line(text, "lntpay_http_request_seconds_bucket", "{le=\"" + label + "\"}", cumulated);
  }
  text += "lntpay_http_request_seconds_sum " + std::to_string(static_cast<double>(request_micros_sum.value()) / 1e6) + "\n";
  line(text, "lntpay_http_request_seconds_count", "", cumulated);
  single(text, "lntpay_http_connections", "gauge", "Open connections.", connections.value());
  single(text, "lntpay_http_connections_refused_total", "counter", "Connections refused by a limit.", connections_refused.value());
  single(text, "lntpay_sessions", "gauge", "Open engine sessions.", sessions.value());
  single(text, "lntpay_waits", "gauge", "Waits of sessions for a row or a time.", waits.value());
  single(text, "lntpay_tasks", "gauge", "Running tasks.", tasks.value());
  single(text, "lntpay_operations_total", "counter", "Session runs inside batches.", operations.value());
  single(text, "lntpay_batches_durable_total", "counter", "Store batches made durable.", batches_durable.value());
  single(text, "lntpay_batches_lost_total", "counter", "Store batches lost before they were durable.", batches_lost.value());
  single(text, "lntpay_instances_lost_total", "counter", "Engine instances replaced after a trap.", instances_lost.value());
  single(text, "lntpay_rows_damaged_total", "counter", "Reports of damaged rows: not UTF-8, or not of their kind.",
         rows_damaged.value());
  single(text, "lntpay_challenges_forgotten_total", "counter",
         "Unpaid challenges of gates that were deleted because the node no longer had their invoice.",
         challenges_forgotten.value());
  single(text, "lntpay_fetches_answered_total", "counter", "Outbound exchanges with a whole response.", fetches_answered.value());
  single(text, "lntpay_fetches_failed_total", "counter", "Outbound exchanges without a whole response.", fetches_failed.value());
  single(text, "lntpay_fetches_not_tried_total", "counter",
         "Outbound exchanges that the host had no capacity for, or that it stopped.", fetches_not_tried.value());
  single(text, "lntpay_fetches_open", "gauge", "Outbound exchanges in progress.", fetches_open.value());
  head(text, "lntpay_webhook_attempts_total", "counter", "Exchanges with receivers of webhooks, by how they ended.");
  constexpr std::array<std::string_view, 4> ends{"succeeded", "gone", "failed", "not_tried"};
  for (std::size_t i = 0; i < ends.size(); ++i)
    line(text, "lntpay_webhook_attempts_total", label("outcome", ends[i]), webhook_attempts[i].value());
  append_due(text, due.value(), now);
  if (const auto counts = webhooks.value()) append_webhooks(text, *counts, now);
  return text;
}

}  // namespace lntpay::host
