// Outbound HTTP over libcurl, on a thread of its own.
#pragma once
#include <condition_variable>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "host-adapters/server/ops/metrics.hpp"
#include "host-adapters/server/outbound/fetching.hpp"
#include "host-adapters/server/outbound/resolver.hpp"
#include "host-adapters/server/outbound/upstream_files.hpp"

namespace lntpay::host {

/// The engine's egress rules. Called on the fetcher's threads, one call at a time.
using MayConnect = std::function<std::expected<void, std::string>(std::string_view url, std::span<const std::string> addresses)>;
/// The rule of a program that sends no webhooks: rejects every address.
std::expected<void, std::string> no_webhooks(std::string_view url, std::span<const std::string> addresses);

struct FetcherOptions {
  std::size_t exchanges_max = 1'024;
  std::size_t answer_head_bytes_max = 64 * 1024;
};

/// The upstream "webhook": resolves the URL's host once, checks all addresses with `may_connect`, and connects only to those. Name
/// and Host header stay as in the URL; no redirect is followed, no proxy used. The target of a configured upstream is a path: URL,
/// TLS and credential come from the operator, and no rule is checked. Any other upstream: NotSent.
///
/// NotSent is returned only when no byte of the request can have left.
class Fetcher final : public Fetching, public Streaming, public Passing {
 public:
  Fetcher(MayConnect may_connect, Metrics& metrics, FetcherOptions options = {}, Resolver::Resolve resolve = resolve_by_system,
          Upstreams upstreams = {});
  Fetcher(MayConnect may_connect, Metrics& metrics, FetcherOptions options, Resolver::Resolve resolve,
          std::unique_ptr<UpstreamFiles> upstreams);
  /// Ends all exchanges; the callback of each has run when this returns.
  ~Fetcher() override;

  void fetch(Outgoing asked, Done done) override;
  [[nodiscard]] Streaming::Open stream(Outgoing asked, Line line, Closed closed) override;
  [[nodiscard]] Passing::Open pass(Outgoing asked, Hearing hearing) override;

 private:
  class Transfer;
  struct Curl;

  std::shared_ptr<Transfer> transfer_for(Outgoing asked, Done done);
  void arrive(std::shared_ptr<Transfer> transfer);
  void run();
  void take_arrivals();
  [[nodiscard]] std::expected<void, std::string> may_connect(const Transfer& transfer,
                                                             std::span<const std::string> addresses) const;
  void begin(std::shared_ptr<Transfer> transfer);
  void finish(std::shared_ptr<Transfer> transfer, Reply reply);
  void collect_finished();
  void expire();
  void wake();

  MayConnect may_connect_;
  Metrics& metrics_;
  FetcherOptions options_;
  std::unique_ptr<UpstreamFiles> upstreams_;
  std::unique_ptr<Curl> curl_;

  std::mutex mutex_;
  std::vector<std::shared_ptr<Transfer>> arrivals_;  ///< requested, not yet resolved
  std::vector<std::pair<std::shared_ptr<Transfer>, Resolved>> resolved_;
  bool ending_ = false;

  std::unordered_map<Transfer*, std::shared_ptr<Transfer>> open_;  ///< used by the fetcher's thread only
  std::unique_ptr<Resolver> resolver_;
  std::thread thread_;
};

}  // namespace lntpay::host
