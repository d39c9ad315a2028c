// The request log of a workspace: what its API keys asked, and what came of it. Never a body, a query or a secret.
//
// Row `{tenant}/request/{id}`, kept by a reset of the sandbox. A request is written when it ends, or is first kept by the instance,
// so that it costs no commit (edge/routing/serve.cpp chooses): those are written together, with the next one that is written at
// once, with the 32nd, or with the first after ten seconds, and are lost with the instance.
//
// The due task of kind "requests" runs at the full hour after a write. It removes rows that are older than a day, and all but the
// newest 1,000.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/tenant/context.hpp"
#include "core/tenant/listing.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

struct LoggedRequest {
  static constexpr int row_version = 1;
  static constexpr std::size_t path_bytes_max = 255;

  RequestId id;
  UnixMillis at;  ///< when it began, on the host's clock
  std::string method;
  std::string path;  ///< cut off after `path_bytes_max`
  std::uint16_t status = 0;
  std::string api_key;          ///< the id of the key
  std::string error;            ///< its code; empty: it succeeded
  std::string idempotency_key;  ///< empty: none
  bool replayed = false;        ///< the stored answer of the first request with this Idempotency-Key

  auto fields(this auto& self) {
    return std::tie(self.id, self.at, self.method, self.path, self.status, self.api_key, self.error, self.idempotency_key,
                    self.replayed);
  }
};
std::string request_key(const TenantScope& tenant, std::string_view id = {});

/// The requests that an instance has not written yet, by tenant.
class PendingRequests {
 public:
  /// Keeps a request.
  void add(const TenantScope& tenant, LoggedRequest request);
  /// Whether those of the tenant should be written.
  [[nodiscard]] bool is_due(const TenantScope& tenant, UnixMillis host_now) const;
  std::vector<LoggedRequest> take(const TenantScope& tenant);

 private:
  std::map<std::string, std::vector<LoggedRequest>> by_tenant_;
  std::size_t count_ = 0;
};

enum class LogWrite : std::uint8_t { at_once, with_others };

/// Adds a request to the log of the tenant; `at_once` also writes what the instance has kept.
Task<Result<>> log_request(Context& cx, TenantScope tenant, LoggedRequest request, LogWrite write);
/// Writes what the instance has kept.
Task<Result<>> write_pending_requests(Context& cx, TenantScope tenant);

struct RequestFilter {
  std::string api_key{};  ///< its id; empty: any
  std::optional<std::uint16_t> status{};
  std::optional<bool> failed{};
  std::optional<UnixMillis> created_gte{};
  std::optional<UnixMillis> created_lt{};

  [[nodiscard]] bool matches(const LoggedRequest& request) const;
};
/// Reads at most 1,000 rows, so a page may have fewer requests than its limit and still have more.
Task<Result<Listed<LoggedRequest>>> list_requests(Context& cx, TenantScope tenant, RequestFilter filter, Page page);
/// Fails with not_found.
Task<Result<LoggedRequest>> get_request(Context& cx, TenantScope tenant, RequestId id);

inline constexpr std::string_view request_pruning_kind = "requests";
/// The due task of that kind.
Task<Result<>> prune_requests(Context& cx, std::string due_key);

}  // namespace lntpay
