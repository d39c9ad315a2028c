// The host's counters and gauges, served at /metrics.
#pragma once
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

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
  [[nodiscard]] std::size_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::size_t> value_{0};
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
  Counter fetches_answered;
  Counter fetches_failed;
  Gauge connections;
  Gauge sessions;
  Gauge waits;
  Gauge tasks;

  void count_response(std::uint16_t status, std::uint64_t micros);
  /// The Prometheus text format, version 0.0.4.
  [[nodiscard]] std::string text() const;
};

}  // namespace lntpay::host
