// The host's counters and gauges, served at /metrics.
#pragma once
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/units.hpp"

namespace lntpay::host {

class Counter {
 public:
  void add(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Gauge {
 public:
  void set(std::size_t n) { value_.store(n, std::memory_order_relaxed); }
  void add() { value_.fetch_add(1, std::memory_order_relaxed); }
  void subtract() { value_.fetch_sub(1, std::memory_order_relaxed); }
  [[nodiscard]] std::size_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::size_t> value_{0};
};

/// How an exchange with a webhook's receiver ended: a whole 2xx, a whole 410, any other end, or none because of this host.
enum class WebhookEnd : std::uint8_t { succeeded, gone, failed, not_tried };

/// The due work of one kind that the host has listed.
struct DueFigures {
  std::string kind;
  std::size_t waiting = 0;  ///< due, and not started
  std::size_t running = 0;
  std::optional<UnixMillis> oldest{};  ///< when the oldest of those that wait became due
};

/// Of all workspaces and environments.
struct WebhookCounts {
  std::size_t endpoints_enabled = 0;
  std::size_t endpoints_disabled = 0;
  std::size_t queued_first = 0;              ///< deliveries that wait for their first attempt
  std::size_t queued_retries = 0;            ///< for a further one
  std::optional<UnixMillis> oldest_first{};  ///< when the oldest of those that are due became due; not of disabled endpoints
  std::optional<UnixMillis> oldest_retry{};

  bool operator==(const WebhookCounts&) const = default;
};

/// A value that one thread writes and others read.
template <class T>
class Shared {
 public:
  void set(T value) {
    const std::lock_guard lock(mutex_);
    value_ = std::move(value);
  }
  [[nodiscard]] T value() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }

 private:
  mutable std::mutex mutex_;
  T value_{};
};

/// Written by any thread.
struct Metrics {
  std::array<Counter, 6> responses;         ///< by status class; [0] is unused
  std::array<Counter, 10> request_seconds;  ///< not cumulative; bounds in metrics.cpp, the last one is +Inf
  Counter request_micros_sum;
  Counter connections_refused;
  Counter batches_durable;
  Counter batches_lost;
  Counter operations;  ///< session runs inside batches
  Counter instances_lost;
  Counter rows_damaged;
  Counter challenges_forgotten;
  Counter fetches_answered;
  Counter fetches_failed;
  Counter fetches_not_tried;
  std::array<Counter, 4> webhook_attempts;  ///< by WebhookEnd
  Gauge connections;
  Gauge sessions;
  Gauge waits;
  Gauge tasks;
  Gauge fetches_open;
  Shared<std::vector<DueFigures>> due;
  Shared<std::optional<WebhookCounts>> webhooks;  ///< nullopt: not counted yet
  std::atomic<std::uint64_t> read_at{0};          ///< Unix milliseconds: when /metrics was last requested

  void count_response(std::uint16_t status, std::uint64_t micros);
  void count(WebhookEnd end) { webhook_attempts[static_cast<std::size_t>(end)].add(); }
  /// The Prometheus text format, version 0.0.4.
  [[nodiscard]] std::string text(UnixMillis now) const;
};

}  // namespace lntpay::host
