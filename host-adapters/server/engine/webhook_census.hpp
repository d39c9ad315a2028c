// Counts the webhook endpoints and queued deliveries of all workspaces, for /metrics.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "core/storage/effect.hpp"
#include "host-adapters/server/ops/metrics.hpp"
#include "host-adapters/stores/host_store.hpp"

namespace lntpay::host {

struct CensusLimits {
  std::chrono::microseconds piece{1'000};  ///< the store's time for a piece; the last scan of a piece may exceed it
  Millis piece_every{100};
  Millis pass_every = seconds(15);
  /// Only while /metrics is in use: requested within this time.
  Millis wanted_for = minutes(5);
  std::uint32_t rows_per_scan = 256;
};

/// The oldest delivery that is due, by the host's clock, is of an endpoint that is enabled, or of a charge.
///
/// A pass reads every endpoint and every queue row once, in pieces that take about a hundredth of the worker's time. Its counts are
/// exact for a store that does not change meanwhile. A read that fails ends the pass without counts.
class WebhookCensus {
 public:
  explicit WebhookCensus(CensusLimits limits = {}) : limits_(limits) {}

  /// When the next piece is due; nullopt: /metrics is not in use. `read_at`: when it was last requested.
  [[nodiscard]] std::optional<UnixMillis> next_time(UnixMillis now, UnixMillis read_at) const;
  /// Performs a piece inside a batch of the store. Yields the counts at the end of a pass.
  std::optional<WebhookCounts> advance(Store& store, UnixMillis now);

 private:
  enum class Rows : std::uint8_t { shards, workspaces, endpoints, first_attempts, retries };
  struct Pending {
    Rows rows{};
    Range range;
    Millis ahead{};  ///< the workspace's clock, of the host's
  };

  /// Reads a page of the last range. False when it failed.
  bool step(Store& store, UnixMillis now);
  void count(Store& store, const Pending& of, const Entry& row, UnixMillis now);
  void count_endpoint(const Entry& row);
  void count_queued(const Pending& of, const Entry& row, UnixMillis now);
  void add(Rows rows, std::string prefix, Millis ahead = {});
  void add_workspace(Store& store, std::string_view key);

  CensusLimits limits_;
  UnixMillis next_at_;
  std::vector<Pending> pending_;              ///< of the present pass; depth first, so it holds a page of each level at most
  std::unordered_set<std::string> disabled_;  ///< endpoints of the present workspace and environment
  WebhookCounts counts_;
};

}  // namespace lntpay::host
