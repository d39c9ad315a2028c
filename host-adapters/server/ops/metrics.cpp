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

std::string Metrics::text() const {
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
  single(text, "lntpay_rows_damaged_total", "counter", "Reads of rows that are not UTF-8.", rows_damaged.value());
  single(text, "lntpay_fetches_answered_total", "counter", "Outbound exchanges with a whole response.", fetches_answered.value());
  single(text, "lntpay_fetches_failed_total", "counter", "Outbound exchanges without a whole response.", fetches_failed.value());
  return text;
}

}  // namespace lntpay::host
