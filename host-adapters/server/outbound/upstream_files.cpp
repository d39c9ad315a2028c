// The files are compared by their stamps.
#include "host-adapters/server/outbound/upstream_files.hpp"

#include <utility>

#include "host-adapters/server/ops/file_stamp.hpp"

namespace lntpay::host {
namespace {

constexpr std::chrono::seconds check_every{1};

}  // namespace

UpstreamFiles::UpstreamFiles(Upstreams fixed) { take(std::move(fixed)); }

UpstreamFiles::UpstreamFiles(LndOptions options, Upstreams first, Changed changed)
    : options_(std::move(options)), changed_(std::move(changed)) {
  stamps_ = stamps();
  take(std::move(first));
}

std::shared_ptr<const Upstream> UpstreamFiles::find(std::string_view name) {
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (changed_ && now >= checked_at_ + check_every) {
    checked_at_ = now;
    if (auto present = stamps(); present != stamps_) {
      stamps_ = std::move(present);
      auto upstreams = lnd_upstreams(options_);
      if (upstreams) take(std::move(*upstreams));
      changed_(upstreams ? std::expected<void, std::string>() : std::unexpected(upstreams.error()));
    }
  }
  const auto found = upstreams_.find(name);
  return found == upstreams_.end() ? nullptr : found->second;
}

void UpstreamFiles::take(Upstreams upstreams) {
  upstreams_.clear();
  for (auto& [name, upstream] : upstreams) upstreams_.emplace(name, std::make_shared<const Upstream>(std::move(upstream)));
}

std::string UpstreamFiles::stamps() const {
  std::string text;
  for (const auto* path : {&options_.certificate, &options_.receive_macaroon, &options_.pay_macaroon}) text += file_stamp(*path);
  return text;
}

}  // namespace lntpay::host
