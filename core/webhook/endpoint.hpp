// Webhook endpoints: URLs that receive a workspace's events, and the secrets that sign them.
//
// Row `…/whe/{id}`. An endpoint has at most ONE due row (kind "webhook", id = the endpoint's); `due_at` is its time, so a commit
// that moves it also writes this row. `busy_until` is the end of the delivering task's lease, and of its due row meanwhile. Each
// enqueued delivery increments `queued`, so a finishing task detects it as a conflict. The account state counts the endpoints, so
// creating and deleting one goes through the UnitOfWork.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/base/secret.hpp"
#include "core/event/event.hpp"
#include "core/request/idempotency_claim.hpp"
#include "core/tenant/context.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

enum class EndpointStatus : std::uint8_t { enabled, disabled };
template <>
inline constexpr auto enum_names<EndpointStatus> = std::to_array<std::string_view>({"enabled", "disabled"});

/// A signing secret at rest (core/crypto/seal, context = the endpoint's row key) and when it expires. In rows: "sealed@ms".
struct SealedSecret {
  std::string sealed;
  UnixMillis until = unix_millis_max;

  [[nodiscard]] std::string text() const { return sealed + "@" + std::to_string(until.value); }
  static std::optional<SealedSecret> parse(std::string_view text);
};

struct Endpoint {
  static constexpr int row_version = 2;
  EndpointId id;
  std::string url;
  std::string description;
  std::vector<EventType> types{};       ///< empty: all
  std::vector<SealedSecret> secrets{};  ///< newest first
  EndpointStatus status = EndpointStatus::enabled;
  std::string disabled_reason{};
  UnixMillis created_at{};
  std::optional<UnixMillis> disabled_at{};
  std::optional<UnixMillis> failing_since{};  ///< the first failure since the last success
  std::optional<UnixMillis> due_at{};
  std::optional<UnixMillis> busy_until{};  ///< on the host's clock
  std::string lease{};                     ///< random id of the run that holds it
  std::uint64_t queued = 0;
  std::optional<EventTypes> allowed{};  ///< what the key that chose the types may read; nullopt: everything

  auto fields(this auto& self) {
    return std::tie(self.id, self.url, self.description, self.types, self.secrets, self.status, self.disabled_reason,
                    self.created_at, self.disabled_at, self.failing_since, self.due_at, self.busy_until, self.lease, self.queued,
                    self.allowed);
  }
  /// The types that it receives while it is enabled.
  [[nodiscard]] EventTypes received() const;
  /// Whether it is enabled and subscribed. False for test events, which go to one endpoint only.
  [[nodiscard]] bool wants(EventType type) const;
  [[nodiscard]] bool is_busy(UnixMillis host_now) const { return busy_until && is_leased(*busy_until, host_now); }
};

inline constexpr std::size_t endpoints_max = 20;
inline constexpr std::size_t description_bytes_max = 500;
inline constexpr std::size_t live_secrets_max = 3;
inline constexpr Millis secret_overlap = hours(24);

std::string endpoint_key(const TenantScope& tenant, std::string_view id = {});

/// The API object. `shown`: its secret, only in the response that creates or rotates it.
std::string endpoint_json(const Endpoint& endpoint, const TenantScope& tenant, const Secret* shown = nullptr);

/// Moves the endpoint's one due row, or removes it; the caller writes the endpoint's row in the same batch.
void move_due(Context& cx, WriteBatch& batch, const TenantScope& tenant, Endpoint& endpoint, std::optional<UnixMillis> at);

/// Marks the endpoint busy for a lease on the host's clock, and moves the due row to its end.
void lease_due(Context& cx, WriteBatch& batch, const TenantScope& tenant, Endpoint& endpoint, Millis lease);

/// Moves the due row to `at` if it is later or missing, unless the endpoint is disabled or busy.
void due_no_later(Context& cx, WriteBatch& batch, const TenantScope& tenant, Endpoint& endpoint, UnixMillis at);

/// The secrets that sign now, newest first. Fails with internal_error when one cannot be opened with the operator's keys.
Result<std::vector<Secret>> live_secrets(const Endpoint& endpoint, const TenantScope& tenant, const Settings& settings,
                                         UnixMillis now);

struct EndpointRequest {
  std::string url;
  std::string description;
  std::vector<EventType> types;  ///< empty: all
  std::optional<EventTypes> allowed{};
};

/// An endpoint, with its secret, which is never shown again.
struct EndpointWithSecret {
  Endpoint endpoint;
  Secret secret;
};

/// Fails with invalid_request (url by the egress rules, description), limit_exceeded (endpoints_max).
/// The claim stores the JSON with the secret.
Task<Result<EndpointWithSecret>> create_endpoint(Context& cx, TenantScope tenant, EndpointRequest asked,
                                                 IdempotencyClaim claim = {});
/// All of them, oldest first: at most endpoints_max.
Task<Result<std::vector<Endpoint>>> list_endpoints(Context& cx, TenantScope tenant);
/// Fails with not_found.
Task<Result<Endpoint>> get_endpoint(Context& cx, TenantScope tenant, EndpointId id);
/// Its queued deliveries become `canceled`. Fails with not_found.
Task<Result<>> delete_endpoint(Context& cx, TenantScope tenant, EndpointId id);

struct EndpointChange {
  std::optional<std::string> url;
  std::optional<std::string> description;
  std::optional<std::vector<EventType>> types;
  std::optional<EventTypes> allowed{};   ///< applied with `types`
  std::optional<EndpointStatus> status;  ///< enabled: queued deliveries resume at once
};
/// Fails with not_found, invalid_request.
Task<Result<Endpoint>> change_endpoint(Context& cx, TenantScope tenant, EndpointId id, EndpointChange change);

/// Adds a secret; the previous ones still sign for 24 h. Fails with not_found, invalid_state (more than 3 would sign).
Task<Result<EndpointWithSecret>> rotate_secret(Context& cx, TenantScope tenant, EndpointId id, IdempotencyClaim claim = {});

}  // namespace lntpay
