// The thread: takes questions, polls the sockets of all lookups, calls back.
#include "host-adapters/server/outbound/dns_resolver.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <format>
#include <system_error>
#include <utility>

#include "core/base/ascii.hpp"

namespace lntpay::host {
namespace {

constexpr std::chrono::milliseconds poll_max{60'000};

}  // namespace

DnsResolver::DnsResolver(DnsOptions options)
    : options_(std::move(options)), woken_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), cache_(options_.cached_max) {
  if (woken_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  thread_ = std::thread([this] { run(); });
}

DnsResolver::~DnsResolver() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake();
  thread_.join();
  close(woken_);
}

void DnsResolver::resolve(std::string host, Done done) {
  if (auto literal = literal_addresses(host)) return done(*std::move(literal));
  {
    const std::lock_guard lock(mutex_);
    arrivals_.push_back({ascii_lower(host), std::move(done)});
  }
  wake();
}

void DnsResolver::wake() const { eventfd_write(woken_, 1); }

void DnsResolver::run() {
  for (;;) {
    std::vector<Question> arrivals;
    {
      const std::lock_guard lock(mutex_);
      if (ending_) return;
      std::swap(arrivals, arrivals_);
    }
    for (auto& question : arrivals) take(std::move(question));
    end_lookups();
    wait_for_answers();
  }
}

void DnsResolver::take(Question question) {
  const auto now = Clock::now();
  if (const auto* cached = cache_.find(question.name, now)) return question.done(*cached);
  if (const auto joined = outstanding_.find(question.name); joined != outstanding_.end()) {
    joined->second.waiting.push_back(std::move(question.done));
    return;
  }
  if (auto named = hosts_.find(question.name)) return question.done(*std::move(named));
  if (outstanding_.size() >= options_.lookups_max)
    return question.done(std::unexpected(LookupError{LookupError::Kind::not_tried, "too many names are being resolved"}));
  auto& begun = outstanding_[question.name];
  begun.lookup = std::make_unique<DnsLookup>(question.name, options_.name_servers, options_.search_domains);
  begun.deadline = now + options_.budget;
  begun.waiting.push_back(std::move(question.done));
}

void DnsResolver::end_lookups() {
  const auto now = Clock::now();
  for (auto each = outstanding_.begin(); each != outstanding_.end();) {
    if (!each->second.lookup->is_done() && each->second.deadline > now) {
      ++each;
      continue;
    }
    const std::string name = each->first;
    const Outstanding ended = std::move(each->second);
    each = outstanding_.erase(each);
    const Resolved resolved = result_of(*ended.lookup);
    if (resolved) {
      cache_.put(name, resolved, now + std::min(ended.lookup->ttl(), options_.success_kept_max), now);
    } else if (resolved.error().kind == LookupError::Kind::failed) {
      cache_.put(name, resolved, now + options_.failure_kept, now);
    }
    for (const Done& done : ended.waiting) done(resolved);
  }
}

/// A lookup that is out of time has the addresses that it received: name servers exist that answer for one family only.
Resolved DnsResolver::result_of(const DnsLookup& lookup) const {
  if (auto result = lookup.result()) return *std::move(result);
  const std::chrono::duration<double> budget = options_.budget;
  return std::unexpected(LookupError{.reason = std::format("the name server did not answer in {:g} s", budget.count())});
}

std::chrono::milliseconds DnsResolver::next_due() const {
  const auto now = Clock::now();
  auto due = poll_max;
  for (const auto& [name, each] : outstanding_) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(each.deadline - now);
    due = each.lookup->due_in(std::clamp(left, std::chrono::milliseconds{0}, due));
  }
  return due;
}

void DnsResolver::wait_for_answers() {
  std::vector<pollfd> sockets{{.fd = woken_, .events = POLLIN, .revents = 0}};
  std::vector<DnsLookup*> lookups{nullptr};  // of each socket
  for (const auto& [name, each] : outstanding_) {
    each.lookup->append_sockets(sockets);
    lookups.resize(sockets.size(), each.lookup.get());
  }
  if (poll(sockets.data(), sockets.size(), static_cast<int>(next_due().count())) > 0) {
    eventfd_t count = 0;
    if (sockets.front().revents != 0) eventfd_read(woken_, &count);
    for (std::size_t i = 1; i < sockets.size(); ++i)
      if (sockets[i].revents != 0) lookups[i]->take(sockets[i]);
  }
  for (const auto& [name, each] : outstanding_) each.lookup->advance();
}

}  // namespace lntpay::host
