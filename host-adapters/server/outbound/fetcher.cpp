// One thread around curl_multi: takes requests, has names resolved and addresses checked, transfers, and calls back.
#include "host-adapters/server/outbound/fetcher.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <utility>

#include "core/webhook/egress/egress.hpp"
#include "host-adapters/server/outbound/transfer.hpp"

namespace lntpay::host {
namespace {

using SteadyClock = std::chrono::steady_clock;
constexpr int poll_ms_max = 1'000;
constexpr long idle_connections_max = 64;

/// Why a stream ended, for the log.
std::string why_closed(const Reply& reply) {
  if (const auto* answered = std::get_if<Answered>(&reply)) {
    const auto status = answered->response.status;
    return status == 200 ? "the server ended it" : "the server answered " + std::to_string(status);
  }
  if (const auto* broken = std::get_if<Broken>(&reply)) return broken->reason;
  if (const auto* none = std::get_if<NoAnswer>(&reply)) return none->reason;
  return *reason_unsent(reply);
}

std::string joined(const Addresses& addresses) {
  std::string text;
  for (const auto& address : addresses) text.append(text.empty() ? "" : ", ").append(address);
  return text;
}

constexpr const char* stopping = "the host is stopping";

/// The reply to an exchange that the host ends because it stops: no attempt, if nothing left.
Reply stopped(Reply reply) {
  if (auto* not_sent = std::get_if<NotSent>(&reply)) return NotTried{std::move(not_sent->reason)};
  return reply;
}

WebhookEnd end_of(const Reply& reply) {
  if (std::holds_alternative<NotTried>(reply)) return WebhookEnd::not_tried;
  const auto* answered = std::get_if<Answered>(&reply);
  if (answered == nullptr) return WebhookEnd::failed;
  constexpr std::uint16_t gone = 410;
  const auto status = answered->response.status;
  return status >= 200 && status < 300 ? WebhookEnd::succeeded : status == gone ? WebhookEnd::gone : WebhookEnd::failed;
}

}  // namespace

struct Fetcher::Curl {
  Curl() : multi(curl_multi_init()) { curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, idle_connections_max); }
  ~Curl() { curl_multi_cleanup(multi); }
  Curl(const Curl&) = delete;
  Curl& operator=(const Curl&) = delete;
  CURLM* multi;
};

class Fetcher::Transfer : public CurlTransfer {
 public:
  using CurlTransfer::CurlTransfer;
};

std::expected<void, std::string> no_webhooks(std::string_view /*url*/, std::span<const std::string> /*addresses*/) {
  return std::unexpected("this command sends no webhooks");
}

Fetcher::Fetcher(MayConnect may_connect, Metrics& metrics, FetcherOptions options, const MakeResolver& make_resolver,
                 Upstreams upstreams)
    : Fetcher(std::move(may_connect), metrics, std::move(options), make_resolver,
              std::make_unique<UpstreamFiles>(std::move(upstreams))) {}

Fetcher::Fetcher(MayConnect may_connect, Metrics& metrics, FetcherOptions options, const MakeResolver& make_resolver,
                 std::unique_ptr<UpstreamFiles> upstreams)
    : may_connect_(std::move(may_connect)),
      metrics_(metrics),
      options_(std::move(options)),
      upstreams_(std::move(upstreams)),
      shares_(options_.exchanges_max) {
  static const CURLcode global = curl_global_init(CURL_GLOBAL_DEFAULT);
  std::signal(SIGPIPE, SIG_IGN);  // libcurl and OpenSSL write to connections that the server has closed
  if (global != CURLE_OK) throw std::runtime_error("libcurl could not be initialised");
  curl_ = std::make_unique<Curl>();
  resolver_ = make_resolver();
  thread_ = std::thread([this] { run(); });
}

Fetcher::~Fetcher() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake();
  thread_.join();
  resolver_.reset();
}

std::shared_ptr<Fetcher::Transfer> Fetcher::transfer_for(Outgoing asked, Done done) {
  auto upstream = upstreams_->find(asked.upstream);
  return std::make_shared<Transfer>(std::move(asked), std::move(done), options_.answer_head_bytes_max, std::move(upstream));
}

void Fetcher::fetch(Outgoing asked, Done done) { arrive(transfer_for(std::move(asked), std::move(done))); }

Streaming::Open Fetcher::stream(Outgoing asked, Line line, Closed closed) {
  auto transfer = transfer_for(std::move(asked), [closed = std::move(closed)](const Reply& reply) { closed(why_closed(reply)); });
  auto open = std::make_shared<int>();
  transfer->make_stream(std::move(line), open);
  arrive(std::move(transfer));
  return open;
}

Passing::Open Fetcher::pass(Outgoing asked, Hearing hearing) {
  auto transfer = transfer_for(std::move(asked), std::move(hearing.end));
  auto open = std::make_shared<int>();
  transfer->make_passage(std::move(hearing.head), std::move(hearing.piece), open);
  arrive(std::move(transfer));
  return open;
}

void Fetcher::arrive(std::shared_ptr<Transfer> transfer) {
  {
    const std::lock_guard lock(mutex_);
    if (!ending_) {
      arrivals_.push_back(std::move(transfer));
      transfer = nullptr;
    }
  }
  if (transfer) return answer(*transfer, NotTried{stopping});
  wake();
}

void Fetcher::wake() { curl_multi_wakeup(curl_->multi); }

void Fetcher::run() {
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      if (ending_) break;
    }
    take_arrivals();
    int running = 0;
    curl_multi_perform(curl_->multi, &running);
    collect_finished();
    expire();
    int wait_ms = poll_ms_max;
    const auto now = SteadyClock::now();
    for (const auto& [key, transfer] : open_) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(transfer->deadline() - now).count() + 1;
      wait_ms = static_cast<int>(std::clamp<std::int64_t>(left, 0, wait_ms));
    }
    curl_multi_poll(curl_->multi, nullptr, 0, wait_ms, nullptr);
  }
  std::vector<std::shared_ptr<Transfer>> unbegun;
  {
    const std::lock_guard lock(mutex_);
    unbegun = std::exchange(arrivals_, {});
  }
  for (const auto& transfer : unbegun) answer(*transfer, NotTried{stopping});
  while (!open_.empty()) {
    const auto transfer = open_.begin()->second;
    finish(transfer, stopped(transfer->broken_off(stopping)));
  }
}

void Fetcher::take_arrivals() {
  std::vector<std::shared_ptr<Transfer>> arrivals;
  std::vector<std::pair<std::shared_ptr<Transfer>, Resolved>> resolved;
  {
    const std::lock_guard lock(mutex_);
    std::swap(arrivals, arrivals_);
    std::swap(resolved, resolved_);
  }
  for (auto& transfer : arrivals) begin(std::move(transfer));
  for (auto& [transfer, addresses] : resolved) connect(std::move(transfer), std::move(addresses));
}

void Fetcher::begin(std::shared_ptr<Transfer> transfer) {
  const auto host = transfer->host();
  if (!host) return answer(*transfer, NotSent{host.error()});
  if (shares_.is_full()) return answer(*transfer, NotTried{"the host has too many exchanges open"});
  if (!shares_.has_place_for(transfer->workspace()))
    return answer(*transfer, NotTried{"the workspace has its share of the host's exchanges open"});
  shares_.take(transfer->workspace());
  open_.emplace(transfer.get(), transfer);
  metrics_.fetches_open.add();
  resolver_->resolve(*host, [this, transfer](Resolved addresses) {
    {
      const std::lock_guard lock(mutex_);
      resolved_.emplace_back(transfer, std::move(addresses));
    }
    wake();
  });
}

void Fetcher::connect(std::shared_ptr<Transfer> transfer, Resolved resolved) {
  if (!open_.contains(transfer.get())) return;
  if (!resolved) {
    const auto& [kind, reason] = resolved.error();
    if (kind == LookupError::Kind::not_tried) return finish(transfer, NotTried{reason});
    if (transfer->is_configured()) return finish(transfer, NotSent{"the name could not be resolved: " + reason});
    return refuse_name(*transfer, std::string(unusable_name), reason);
  }
  if (!transfer->is_configured()) {
    auto allowed = may_connect_(transfer->url(), *resolved);
    if (!allowed && !transfer->has_name()) return finish(transfer, NotSent{std::move(allowed.error())});
    if (!allowed) return refuse_name(*transfer, std::move(allowed.error()), "refused are " + joined(*resolved));
  }
  transfer->set_up(*std::move(resolved), options_.roots);
  curl_multi_add_handle(curl_->multi, transfer->handle());
}

/// The exchange ends in `expire`.
void Fetcher::refuse_name(Transfer& transfer, std::string refusal, std::string_view reason) {
  if (options_.on_unusable_name) options_.on_unusable_name(*transfer.host(), reason);
  transfer.refuse(std::move(refusal), options_.refusals_every);
}

void Fetcher::collect_finished() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(curl_->multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    char* key = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &key);
    const CURLcode code = message->data.result;
    const auto found = open_.find(static_cast<Transfer*>(reinterpret_cast<CurlTransfer*>(key)));
    if (found == open_.end()) continue;
    const auto transfer = found->second;
    finish(transfer, transfer->result(code));
  }
}

void Fetcher::expire() {
  const auto now = SteadyClock::now();
  std::vector<std::shared_ptr<Transfer>> late;
  for (const auto& [key, transfer] : open_)
    if (transfer->deadline() <= now || transfer->is_unwanted()) late.push_back(transfer);
  for (const auto& transfer : late) finish(transfer, reply_at_deadline(*transfer));
}

Reply Fetcher::reply_at_deadline(Transfer& transfer) const {
  if (transfer.is_unwanted()) return transfer.broken_off("hung up");
  const bool is_resolving = transfer.handle() == nullptr && !transfer.is_refused();
  if (is_resolving && !transfer.is_configured()) return NotSent{std::string(unusable_name)};
  return transfer.expired();
}

void Fetcher::finish(std::shared_ptr<Transfer> transfer, Reply reply) {
  open_.erase(transfer.get());
  shares_.give_back(transfer->workspace());
  metrics_.fetches_open.subtract();
  if (transfer->handle() != nullptr) curl_multi_remove_handle(curl_->multi, transfer->handle());
  answer(*transfer, std::move(reply));
}

/// On any thread.
void Fetcher::answer(Transfer& transfer, Reply reply) {
  auto& count = std::holds_alternative<Answered>(reply)   ? metrics_.fetches_answered
                : std::holds_alternative<NotTried>(reply) ? metrics_.fetches_not_tried
                                                          : metrics_.fetches_failed;
  count.add();
  if (transfer.is_webhook()) metrics_.count(end_of(reply));
  transfer.answer(std::move(reply));
}

}  // namespace lntpay::host
