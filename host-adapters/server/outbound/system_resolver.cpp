// getaddrinfo on detached threads.
#include "host-adapters/server/outbound/system_resolver.hpp"

#include <netdb.h>

#include <algorithm>
#include <thread>
#include <utility>

namespace lntpay::host {
namespace {

Resolved look_up_by_system(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  if (const int error = getaddrinfo(host.c_str(), nullptr, &hints, &list))
    return std::unexpected(LookupError{.reason = gai_strerror(error)});
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(list, &freeaddrinfo);
  Addresses addresses;
  for (const addrinfo* each = list; each != nullptr; each = each->ai_next) {
    auto address = numeric_address(each->ai_addr, each->ai_addrlen);
    if (!address.empty() && !std::ranges::contains(addresses, address)) addresses.push_back(std::move(address));
  }
  if (addresses.empty()) return std::unexpected(LookupError{.reason = "the name has no address"});
  return addresses;
}

}  // namespace

ThreadedResolver::ThreadedResolver(LookUp look_up, std::size_t threads, std::size_t waiting_max) : waiting_max_(waiting_max) {
  for (std::size_t i = 0; i < threads; ++i) std::thread([shared = shared_, look_up] { run(shared, look_up); }).detach();
}

ThreadedResolver::~ThreadedResolver() {
  const std::lock_guard lock(shared_->mutex);
  shared_->ended = true;
  shared_->waiting.clear();
  shared_->arrived.notify_all();
}

void ThreadedResolver::resolve(std::string host, Done done) {
  {
    const std::lock_guard lock(shared_->mutex);
    if (shared_->waiting.size() < waiting_max_) {
      shared_->waiting.push_back({std::move(host), std::move(done)});
      shared_->arrived.notify_one();
      return;
    }
  }
  done(std::unexpected(LookupError{LookupError::Kind::not_tried, "too many names are being resolved"}));
}

void ThreadedResolver::run(const std::shared_ptr<Shared>& shared, const LookUp& look_up) {
  std::unique_lock lock(shared->mutex);
  for (;;) {
    shared->arrived.wait(lock, [&] { return shared->ended || !shared->waiting.empty(); });
    if (shared->ended) return;
    const Question question = std::move(shared->waiting.front());
    shared->waiting.pop_front();
    lock.unlock();
    Resolved resolved = look_up(question.host);
    lock.lock();
    if (shared->ended) return;
    question.done(std::move(resolved));  // under the lock, so that none runs after the destructor
  }
}

std::unique_ptr<Resolver> resolve_by_system() { return std::make_unique<ThreadedResolver>(look_up_by_system); }

}  // namespace lntpay::host
