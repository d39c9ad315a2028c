// Resolves names on threads of its own, because getaddrinfo blocks.
#pragma once
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace lntpay::host {

/// All numeric addresses of a name, IPv4 and IPv6; or the reason why there are none.
using Resolved = std::expected<std::vector<std::string>, std::string>;

/// The system's resolver. An address literal, in any spelling that the system accepts, resolves to itself. Blocks.
Resolved resolve_by_system(const std::string& host);

class Resolver {
 public:
  using Resolve = std::function<Resolved(const std::string& host)>;
  using Done = std::function<void(Resolved)>;

  explicit Resolver(Resolve resolve = resolve_by_system, std::size_t threads = 4, std::size_t waiting_max = 1'024);
  /// Discards all lookups: no `done` is called afterwards. A thread inside getaddrinfo, which cannot be interrupted, ends later.
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// Calls `done` on a thread of the resolver, one at a time, or at once when too many wait. `done` must not block.
  void resolve(std::string host, Done done);

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
  static void run(const std::shared_ptr<Shared>& shared, const Resolve& resolve);

  std::size_t waiting_max_;
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

}  // namespace lntpay::host
