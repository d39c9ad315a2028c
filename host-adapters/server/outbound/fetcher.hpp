// Outbound HTTP over libcurl, on a thread of its own.
#pragma once
#include <chrono>
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
#include "host-adapters/server/ops/shares.hpp"
#include "host-adapters/server/outbound/fetching.hpp"
#include "host-adapters/server/outbound/resolver.hpp"
#include "host-adapters/server/outbound/system_resolver.hpp"
#include "host-adapters/server/outbound/upstream_files.hpp"

namespace lntpay::host {

/// The engine's egress rules. Called on the fetcher's threads, one call at a time.
using MayConnect = std::function<std::expected<void, std::string>(std::string_view url, std::span<const std::string> addresses)>;
/// The rule of a program that sends no webhooks: rejects every address.
std::expected<void, std::string> no_webhooks(std::string_view url, std::span<const std::string> addresses);

struct FetcherOptions {
  std::size_t exchanges_max = 1'024;
  std::size_t answer_head_bytes_max = 64 * 1024;
  /// An exchange whose name is not usable ends at a multiple of this after its start; 0: at once.
  std::chrono::milliseconds refusals_every{1'000};
  /// The certificates (PEM) that webhooks trust; empty: the system's.
  std::string roots{};
  /// Receives the name and why it is not usable, for the operator's log; on the fetcher's thread.
  std::function<void(std::string_view name, std::string_view reason)> on_unusable_name{};
};

/// The upstream "webhook": resolves the URL's host once, checks all addresses with `may_connect`, and connects only to those. Name
/// and Host header stay as in the URL; no redirect is followed, no proxy used. The target of a configured upstream is a path: URL,
/// TLS and credential come from the operator, and no rule is checked. Any other upstream: NotSent.
///
/// A webhook's name that cannot be resolved, for any reason, and one with an address that is not allowed get the same reason
/// (`unusable_name` of core/webhook/egress/egress.hpp) at the same times, so that tenants cannot map the operator's private zones.
///
/// NotSent is returned only when no byte of the request can have left. NotTried: the pool of exchanges is full, the workspace has
/// its share of it (ops/shares.hpp), too many names are being resolved, or the host stops before a byte left. An exchange
/// holds its share from its start, while its name is resolved too.
class Fetcher final : public Fetching, public Streaming, public Passing {
 public:
  Fetcher(MayConnect may_connect, Metrics& metrics, FetcherOptions options = {},
          const MakeResolver& make_resolver = resolve_by_system, Upstreams upstreams = {});
  Fetcher(MayConnect may_connect, Metrics& metrics, FetcherOptions options, const MakeResolver& make_resolver,
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
  void begin(std::shared_ptr<Transfer> transfer);
  void connect(std::shared_ptr<Transfer> transfer, Resolved resolved);
  void refuse_name(Transfer& transfer, std::string refusal, std::string_view reason);
  [[nodiscard]] Reply reply_at_deadline(Transfer& transfer) const;
  void finish(std::shared_ptr<Transfer> transfer, Reply reply);
  void answer(Transfer& transfer, Reply reply);
  void collect_finished();
  void expire();
  void wake();

  MayConnect may_connect_;
  Metrics& metrics_;
  FetcherOptions options_;
  std::unique_ptr<UpstreamFiles> upstreams_;
  std::unique_ptr<Curl> curl_;

  std::mutex mutex_;
  std::vector<std::shared_ptr<Transfer>> arrivals_;  ///< requested, not yet started
  std::vector<std::pair<std::shared_ptr<Transfer>, Resolved>> resolved_;
  bool ending_ = false;

  // Used by the fetcher's thread only.
  std::unordered_map<Transfer*, std::shared_ptr<Transfer>> open_;
  Shares shares_;  ///< one place for each that is open

  std::unique_ptr<Resolver> resolver_;
  std::thread thread_;
};

}  // namespace lntpay::host
