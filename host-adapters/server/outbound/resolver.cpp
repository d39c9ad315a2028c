// getaddrinfo on detached threads.
#include "host-adapters/server/outbound/resolver.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <memory>
#include <thread>
#include <utility>

namespace lntpay::host {

Resolved resolve_by_system(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  if (const int error = getaddrinfo(host.c_str(), nullptr, &hints, &list)) return std::unexpected(gai_strerror(error));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(list, &freeaddrinfo);
  std::vector<std::string> addresses;
  for (const addrinfo* each = list; each != nullptr; each = each->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (getnameinfo(each->ai_addr, each->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) != 0) continue;
    if (std::ranges::find(addresses, text.data()) == addresses.end()) addresses.emplace_back(text.data());
  }
  if (addresses.empty()) return std::unexpected("the name has no address");
  return addresses;
}

Resolver::Resolver(Resolve resolve, std::size_t threads, std::size_t waiting_max) : waiting_max_(waiting_max) {
  for (std::size_t i = 0; i < threads; ++i) std::thread([shared = shared_, resolve] { run(shared, resolve); }).detach();
}

Resolver::~Resolver() {
  const std::lock_guard lock(shared_->mutex);
  shared_->ended = true;
  shared_->waiting.clear();
  shared_->arrived.notify_all();
}

void Resolver::resolve(std::string host, Done done) {
  {
    const std::lock_guard lock(shared_->mutex);
    if (shared_->waiting.size() < waiting_max_) {
      shared_->waiting.push_back({std::move(host), std::move(done)});
      shared_->arrived.notify_one();
      return;
    }
  }
  done(std::unexpected("too many names to resolve at once"));
}

void Resolver::run(const std::shared_ptr<Shared>& shared, const Resolve& resolve) {
  std::unique_lock lock(shared->mutex);
  for (;;) {
    shared->arrived.wait(lock, [&] { return shared->ended || !shared->waiting.empty(); });
    if (shared->ended) return;
    const Question question = std::move(shared->waiting.front());
    shared->waiting.pop_front();
    lock.unlock();
    Resolved resolved = resolve(question.host);
    lock.lock();
    if (shared->ended) return;
    question.done(std::move(resolved));  // under the lock, so that none runs after the destructor
  }
}

}  // namespace lntpay::host
