// The system's resolver, with the operator's name services (NSS, mDNS), on threads of its own because getaddrinfo blocks. For the
// names that an operator configures: a few slow ones keep all its threads busy.
#pragma once
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>

#include "host-adapters/server/outbound/resolver.hpp"

namespace lntpay::host {

class ThreadedResolver final : public Resolver {
 public:
  using LookUp = std::function<Resolved(const std::string& host)>;

  /// `look_up` may block, and is called on several threads at once.
  explicit ThreadedResolver(LookUp look_up, std::size_t threads = 4, std::size_t waiting_max = 1'024);
  /// A thread inside `look_up`, which cannot be interrupted, ends later.
  ~ThreadedResolver() override;

  /// Calls `done` on a thread of the resolver, one at a time, or at once when too many wait.
  void resolve(std::string host, Done done) override;

 private:
  struct Question {
    std::string host;
    Done done;
  };
  /// Outlives the resolver while a thread performs a lookup.
  struct Shared {
    std::mutex mutex;
    std::condition_variable arrived;
    std::deque<Question> waiting;
    bool ended = false;
  };
  static void run(const std::shared_ptr<Shared>& shared, const LookUp& look_up);

  std::size_t waiting_max_;
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

/// A resolver that calls getaddrinfo.
std::unique_ptr<Resolver> resolve_by_system();

}  // namespace lntpay::host
