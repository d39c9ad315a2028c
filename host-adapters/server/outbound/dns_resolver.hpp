// Resolves names asynchronously, those that tenants write and those of gates files: a name server that is silent delays only the
// names that it serves.
#pragma once
#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "host-adapters/server/outbound/dns_lookup.hpp"
#include "host-adapters/server/outbound/name_cache.hpp"
#include "host-adapters/server/outbound/resolver.hpp"

namespace lntpay::host {

struct DnsOptions {
  std::string name_servers;                 ///< "127.0.0.1:5353,[::1]:53"; empty: those of /etc/resolv.conf
  std::chrono::milliseconds budget{5'000};  ///< for a lookup, with all its queries
  std::size_t lookups_max = 1'024;          ///< outstanding; each takes a socket for each name server asked, and 80 KB
  std::size_t cached_max = 4'096;
  std::chrono::seconds success_kept_max{30};  ///< or the answer's own time, if that is shorter
  std::chrono::seconds failure_kept{3};
  bool search_domains = false;  ///< those of /etc/resolv.conf apply: for names that the operator writes
};

/// A literal resolves to itself, a name in /etc/hosts to the addresses there, any other by DNS. One lookup per name at a time:
/// later questions for the name join it, and get its result. Too many lookups: `not_tried`.
class DnsResolver final : public Resolver {
 public:
  explicit DnsResolver(DnsOptions options = {});
  ~DnsResolver() override;

  /// Calls `done` on the resolver's thread; for a literal at once.
  void resolve(std::string host, Done done) override;

 private:
  using Clock = std::chrono::steady_clock;
  struct Question {
    std::string name;
    Done done;
  };
  struct Outstanding {
    std::unique_ptr<DnsLookup> lookup;
    Clock::time_point deadline;
    std::vector<Done> waiting;
  };

  void run();
  void wake() const;
  void take(Question question);
  void end_lookups();
  [[nodiscard]] Resolved result_of(const DnsLookup& lookup) const;
  void wait_for_answers();
  [[nodiscard]] std::chrono::milliseconds next_due() const;

  DnsOptions options_;
  int woken_;  ///< an eventfd

  std::mutex mutex_;
  std::vector<Question> arrivals_;
  bool ending_ = false;

  // Used by the resolver's thread only.
  HostsFile hosts_;
  NameCache cache_;
  std::unordered_map<std::string, Outstanding> outstanding_;  ///< by name

  std::thread thread_;
};

}  // namespace lntpay::host
