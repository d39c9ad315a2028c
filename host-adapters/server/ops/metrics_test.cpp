// The lines of /metrics that have labels or may be absent.
#include "host-adapters/server/ops/metrics.hpp"

#include <doctest/doctest.h>

#include <string>

namespace metrics_test {
using namespace lntpay;
using namespace lntpay::host;

namespace {

constexpr UnixMillis now{1'796'018'129'000};

bool has_line(const std::string& text, const std::string& line) { return text.contains("\n" + line + "\n"); }

}  // namespace

TEST_CASE("attempts at webhooks are counted by how they ended") {
  Metrics metrics;
  for (int i = 0; i < 3; ++i) metrics.count(WebhookEnd::succeeded);
  for (int i = 0; i < 2; ++i) metrics.count(WebhookEnd::failed);
  metrics.count(WebhookEnd::not_tried);
  const auto text = metrics.text(now);
  CHECK(has_line(text, R"(lntpay_webhook_attempts_total{outcome="succeeded"} 3)"));
  CHECK(has_line(text, R"(lntpay_webhook_attempts_total{outcome="failed"} 2)"));
  CHECK(has_line(text, R"(lntpay_webhook_attempts_total{outcome="gone"} 0)"));
  CHECK(has_line(text, R"(lntpay_webhook_attempts_total{outcome="not_tried"} 1)"));
}

TEST_CASE("due work is shown by kind, with the age of the oldest that waits") {
  Metrics metrics;
  metrics.due.set({{.kind = "charge", .waiting = 0, .running = 1},
                   {.kind = "webhook", .waiting = 2, .running = 0, .oldest = now - Millis{12'999}},
                   {.kind = "later", .waiting = 1, .running = 0, .oldest = now + seconds(9)},
                   {.kind = "a\"b\n", .waiting = 1}});
  const auto text = metrics.text(now);
  CHECK(has_line(text, R"(lntpay_due_tasks{kind="charge",state="running"} 1)"));
  CHECK(has_line(text, R"(lntpay_due_tasks{kind="webhook",state="waiting"} 2)"));
  CHECK(has_line(text, R"(lntpay_due_oldest_seconds{kind="webhook"} 12)"));
  CHECK(has_line(text, R"(lntpay_due_oldest_seconds{kind="charge"} 0)"));
  CHECK(has_line(text, R"(lntpay_due_oldest_seconds{kind="later"} 0)"));
  CHECK(has_line(text, R"(lntpay_due_tasks{kind="a?b?",state="waiting"} 1)"));
}

TEST_CASE("endpoints and queued deliveries are shown once they were counted") {
  Metrics metrics;
  CHECK_FALSE(metrics.text(now).contains("lntpay_webhook_endpoints"));
  metrics.webhooks.set(WebhookCounts{.endpoints_enabled = 5,
                                     .endpoints_disabled = 1,
                                     .queued_first = 7,
                                     .queued_retries = 8,
                                     .oldest_first = now - Millis{31'999}});
  const auto text = metrics.text(now);
  CHECK(has_line(text, R"(lntpay_webhook_endpoints{status="enabled"} 5)"));
  CHECK(has_line(text, R"(lntpay_webhook_endpoints{status="disabled"} 1)"));
  CHECK(has_line(text, R"(lntpay_webhook_deliveries_queued{attempt="first"} 7)"));
  CHECK(has_line(text, R"(lntpay_webhook_deliveries_queued{attempt="retry"} 8)"));
  CHECK(has_line(text, R"(lntpay_webhook_oldest_due_seconds{attempt="first"} 31)"));
  CHECK(has_line(text, R"(lntpay_webhook_oldest_due_seconds{attempt="retry"} 0)"));
}

}  // namespace metrics_test
