// Webhook endpoints: URLs that receive a workspace's events, and the secrets that sign them.
//
// Row `…/whe/{id}`: written by changes of the endpoint only, never by a delivery. The account state counts the endpoints, so
// creating and deleting one goes through the UnitOfWork.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/event/event_pattern.hpp"
#include "core/request/idempotency_claim.hpp"
#include "core/tenant/context.hpp"
#include "core/tenant/tenant_scope.hpp"
#include "core/webhook/endpoint/custom_headers.hpp"
#include "core/webhook/secret/signing_secrets.hpp"

namespace lntpay {

enum class EndpointStatus : std::uint8_t { enabled, disabled };
template <>
inline constexpr auto enum_names<EndpointStatus> = std::to_array<std::string_view>({"enabled", "disabled"});

/// none: each event leaves when it is due. per_object: an object's events leave one after the other (delivery_order).
enum class DeliveryOrder : std::uint8_t { none, per_object };
template <>
inline constexpr auto enum_names<DeliveryOrder> = std::to_array<std::string_view>({"none", "per_object"});

/// The events of a time in which an endpoint was disabled. In rows: "12-40", or "12-" while it is.
struct SeqRange {
  std::uint64_t first = 0;
  std::optional<std::uint64_t> last{};

  [[nodiscard]] std::string text() const;
  static std::optional<SeqRange> parse(std::string_view text);
};

struct Endpoint {
  static constexpr int row_version = 3;
  EndpointId id;
  std::string url;
  std::string description;
  std::vector<EventPattern> types{};  ///< empty: all
  SigningSecrets secrets{};
  EndpointStatus status = EndpointStatus::enabled;
  std::string disabled_reason{};
  UnixMillis created_at{};
  std::optional<UnixMillis> disabled_at{};
  std::uint64_t epoch = 0;              ///< incremented by a new url and by enabling: what failed before no longer counts
  std::string active_secret{};          ///< the id of the chosen one; empty: the newest
  std::vector<SeqRange> missed{};       ///< oldest first, at most missed_ranges_max: what was not queued for it
  std::optional<EventTypes> allowed{};  ///< what the key that chose the types may read; nullopt: everything
  DeliveryOrder ordering{};
  std::uint32_t max_per_second = 0;     ///< attempts; 0: no limit (pace)
  std::vector<CustomHeader> headers{};  ///< sealed

  // Not in the row: endpoint_observations.
  std::optional<UnixMillis> failing_since{};  ///< the start of its run of failures (failure_run)
  std::uint64_t missed_events = 0;            ///< of its disabled times: those that a recovery would deliver
  bool missed_events_capped = false;          ///< the count is a lower bound

  auto fields(this auto& self) {
    return std::tie(self.id, self.url, self.description, self.types, self.secrets, self.status, self.disabled_reason,
                    self.created_at, self.disabled_at, self.epoch, self.active_secret, self.missed, self.allowed, self.ordering,
                    self.max_per_second, self.headers);
  }
  /// Disables it; `last_seq`: of the workspace's events.
  void disable(UnixMillis now, std::string reason, std::uint64_t last_seq);
  void enable(std::uint64_t last_seq);
  /// Events before `seq` were pruned: no recovery delivers them, so they count as missed no more.
  void forget_missed_before(std::uint64_t seq);
  /// The types that it receives while it is enabled.
  [[nodiscard]] EventTypes received() const;
  /// Whether it is enabled and subscribed. False for test events, which go to one endpoint only.
  [[nodiscard]] bool wants(EventType type) const;
  /// Whether a recovery of these types may deliver the event to it: no test of another endpoint, and no event about itself.
  [[nodiscard]] bool is_recoverable(const Event& event, EventTypes wanted) const;
};

inline constexpr std::size_t endpoints_max = 20;
inline constexpr std::size_t missed_ranges_max = 20;
inline constexpr std::size_t description_bytes_max = 500;

std::string endpoint_key(const TenantScope& tenant, std::string_view id = {});

/// The API object. `now`: the host's time; `shown`: its secret, only in the response that creates or rotates it.
std::string endpoint_json(const Endpoint& endpoint, const TenantScope& tenant, UnixMillis now, const Secret* shown = nullptr);

/// How events are sent; what is not given stays as it is.
struct SendingOptions {
  std::optional<DeliveryOrder> ordering{};
  std::optional<std::uint32_t> max_per_second{};
  std::optional<std::string> headers{};  ///< a JSON object: replaces all
};

struct EndpointRequest {
  std::string url;
  std::string description;
  std::vector<EventPattern> types;  ///< empty: all
  std::optional<EventTypes> allowed{};
  SendingOptions sending{};
};

/// An endpoint, with its secret, which is never shown again.
struct EndpointWithSecret {
  Endpoint endpoint;
  Secret secret;
};

/// Fails with invalid_request (url by the egress rules, description, headers), limit_exceeded (endpoints_max).
/// The claim stores the JSON with the secret.
Task<Result<EndpointWithSecret>> create_endpoint(Context& cx, TenantScope tenant, EndpointRequest asked,
                                                 IdempotencyClaim claim = {});
/// An endpoint's row. Fails with not_found.
Task<Result<Stored<Endpoint>>> load_endpoint(Context& cx, TenantScope tenant, EndpointId id);
/// All of them with their observations, oldest first: at most endpoints_max.
Task<Result<std::vector<Endpoint>>> list_endpoints(Context& cx, TenantScope tenant);
/// With its observations, as in the results of all operations below. Fails with not_found.
Task<Result<Endpoint>> get_endpoint(Context& cx, TenantScope tenant, EndpointId id);
/// Its queued deliveries become `canceled`, its other rows go; those of its deliveries stay until their events are pruned. Fails
/// with not_found.
Task<Result<>> delete_endpoint(Context& cx, TenantScope tenant, EndpointId id);

struct EndpointChange {
  std::optional<std::string> url;
  std::optional<std::string> description;
  std::optional<std::vector<EventPattern>> types;
  std::optional<EventTypes> allowed{};   ///< applied with `types`
  std::optional<EndpointStatus> status;  ///< enabled: queued deliveries resume at once
  SendingOptions sending{};
};
/// Fails with not_found; invalid_request, also where an endpoint with headers gets a URL of another origin without new headers.
Task<Result<Endpoint>> change_endpoint(Context& cx, TenantScope tenant, EndpointId id, EndpointChange change);

/// Adds a secret; the former ones sign for `overlap` more, and the active one stays active. Fails with not_found, invalid_state
/// (more than 3 would sign).
Task<Result<EndpointWithSecret>> rotate_secret(Context& cx, TenantScope tenant, EndpointId id,
                                               Millis overlap = secret_overlap_default, IdempotencyClaim claim = {});
/// Makes the newest secret the active one. Fails with not_found.
Task<Result<Endpoint>> activate_secret(Context& cx, TenantScope tenant, EndpointId id, IdempotencyClaim claim = {});
/// Ends a secret at once. Fails with not_found (also a secret that is not live), invalid_state (the only one).
Task<Result<Endpoint>> retire_secret(Context& cx, TenantScope tenant, EndpointId id, std::string secret);

}  // namespace lntpay
