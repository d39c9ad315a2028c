// The files of the configured upstreams, read again when they change: lnd renews its certificate, and an operator its macaroons.
#pragma once
#include <chrono>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "host-adapters/server/outbound/upstream.hpp"

namespace lntpay::host {

class UpstreamFiles {
 public:
  /// Receives that new files are in use, or why they are not; the former ones are then kept.
  using Changed = std::function<void(std::expected<void, std::string>)>;

  /// Upstreams that never change.
  UpstreamFiles(Upstreams fixed = {});  // NOLINT(google-explicit-constructor): a fixed set is one
  /// `first`: what lnd_upstreams(options) returned at start.
  UpstreamFiles(LndOptions options, Upstreams first, Changed changed);

  /// The upstream by its name, null if there is none. Any thread; the files are checked once a second.
  std::shared_ptr<const Upstream> find(std::string_view name);

 private:
  void take(Upstreams upstreams);
  [[nodiscard]] std::string stamps() const;

  std::mutex mutex_;
  LndOptions options_;
  Changed changed_;
  std::string stamps_;
  std::chrono::steady_clock::time_point checked_at_;
  std::map<std::string, std::shared_ptr<const Upstream>, std::less<>> upstreams_;
};

}  // namespace lntpay::host
