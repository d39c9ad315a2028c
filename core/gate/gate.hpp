// Gates: a price on requests. Row `{tenant}/gate/{id}`.
//
// A gate's secret signs its credentials, which are thereby bound to environment, workspace and gate. A new secret (`revoke`)
// invalidates what was sold; the former ones are kept for what is paid later (core/gate/revocation). None leaves the core.
//
// A deleted gate is closed: its row moves to `{tenant}/closed_gate/{id}`. It makes no challenges, and what it sold passes until the
// last of it has expired (core/gate/closing).
#pragma once
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/secret.hpp"
#include "core/charge/charge.hpp"
#include "core/gate/credential.hpp"
#include "core/gate/former_secret.hpp"
#include "core/gate/terms.hpp"
#include "core/gate/use_end.hpp"
#include "core/request/idempotency_claim.hpp"
#include "core/tenant/context.hpp"
#include "core/tenant/listing.hpp"

namespace lntpay {

inline constexpr std::size_t gates_max = 100;
inline constexpr std::uint64_t gate_ttl_s_default = 3'600;
inline constexpr std::uint64_t gate_ttl_s_max = 31'536'000;
inline constexpr std::uint64_t gate_uses_max = 1'000'000;
inline constexpr std::uint64_t gate_repeat_s_max = 300;
inline constexpr Msat min_credit_default = 1_sat;

/// When a use is committed: with the check, or by the service (and when its lease expires).
enum class GateCommit : std::uint8_t { at_once, explicitly };
template <>
inline constexpr auto enum_names<GateCommit> = std::to_array<std::string_view>({"at_once", "explicit"});

enum class GateScheme : std::uint8_t { l402, payment };
template <>
inline constexpr auto enum_names<GateScheme> = std::to_array<std::string_view>({"l402", "payment"});

/// Who answers the preflight of a browser (a CORS request before the real one).
enum class GateCors : std::uint8_t { gate, service };
template <>
inline constexpr auto enum_names<GateCors> = std::to_array<std::string_view>({"gate", "service"});

struct Gate {
  static constexpr int row_version = 3;
  static constexpr row::Earlier earlier_rows[] = {{.version = 1, .fields = 13}, {.version = 2, .fields = 21}};
  GateId id;
  std::string name;
  Msat price;  ///< whole satoshi, which both schemes can express; with `price_url` the highest
  RequestMatch match;
  GateMode mode{};
  std::optional<std::uint64_t> uses{};  ///< for one payment; none: unlimited until it expires. per_request: 1
  std::uint64_t ttl_s = 0;              ///< after the expiry of its invoice; not of per_request
  std::vector<GateScheme> schemes{};    ///< offered by a challenge, in the requested order; not empty
  GateCommit commit{};
  std::string sealed_secret{};
  UnixMillis created_at{};
  std::optional<UnixMillis> revoked_at{};      ///< most recently
  std::vector<FormerSecret> former_secrets{};  ///< oldest first
  std::uint64_t life_s_max = gate_ttl_s_max;   ///< no credential that it sold is valid for longer after its invoice's expiry
  std::uint64_t repeat_s = 0;                  ///< a committed use may be repeated for so long
  NotModified not_modified{};
  GateCors cors{};
  LatePolicy late_policy{};
  std::optional<UnixMillis> closed_at{};
  std::optional<UnixMillis> ends_at{};   ///< of a closed gate: all that it sold has expired
  Msat min_credit = min_credit_default;  ///< metered: a request passes while so much credit is left
  std::optional<Msat> max_price{};       ///< metered: the most that one request costs; none: all that is left
  std::string price_url{};               ///< asked for the price of each request, up to `price`; empty: `price` is the price

  auto fields(this auto& self) {
    return std::tie(self.id, self.name, self.price, self.match.method, self.match.path, self.mode, self.uses, self.ttl_s,
                    self.schemes, self.commit, self.sealed_secret, self.created_at, self.revoked_at, self.former_secrets,
                    self.life_s_max, self.repeat_s, self.not_modified, self.cors, self.late_policy, self.closed_at, self.ends_at,
                    self.min_credit, self.max_price, self.price_url);
  }
};

/// Row `{shard}/gate_finder/{id}`: the gate's tenant, for requests without an API key.
struct GateFinder {
  static constexpr int row_version = 1;
  TenantScope tenant;  ///< as of its first generation
  auto fields(this auto& self) { return std::tie(self.tenant.environment, self.tenant.workspace); }
};

std::string gate_key(const TenantScope& tenant, std::string_view id = {});
std::string closed_gate_key(const TenantScope& tenant, std::string_view id);
std::string gate_finder_key(const GateId& id);

/// The object of the API: core/gate/gate_object.hpp.
std::string gate_json(const Gate& gate, const TenantScope& tenant);

/// Verified credentials as clients sent them, so that a pass is not verified at every request. Cached with the gate, for
/// seconds. Texts are secrets: they are compared in constant time.
class VerifiedCredentials {
 public:
  [[nodiscard]] const Proof* find(std::string_view credential) const;
  void keep(std::string_view credential, Proof proof);

 private:
  struct Known {
    std::string credential;
    Proof proof;
  };
  std::map<std::size_t, Known> known_;  ///< by a hash of the text
};

/// A gate that a request is checked against.
struct EnteredGate {
  TenantScope tenant;  ///< entered by the session
  Gate gate;
  Secret secret;
  std::vector<Secret> former_secrets{};  ///< newest first
  std::shared_ptr<VerifiedCredentials> verified = std::make_shared<VerifiedCredentials>();
};
/// Loads the gate, closed or not, and enters its tenant; both may come from core/gate/cache. Fails with not_found; internal_error
/// when the configured keys do not decrypt a secret.
Task<Result<std::shared_ptr<const EnteredGate>>> enter_gate(Context& cx, GateId id);

std::unexpected<Error> no_such_gate();

/// The fields of a request to create or change a gate; none: unchanged, or the default.
struct GateChange {
  std::optional<std::string> name{};
  std::optional<Msat> price{};
  std::optional<std::string> method{};
  std::optional<std::string> path{};
  std::optional<GateMode> mode{};
  std::optional<std::uint64_t> uses{};
  bool unlimited = false;  ///< removes the limit of uses
  std::optional<std::uint64_t> ttl_s{};
  std::optional<std::vector<GateScheme>> schemes{};
  std::optional<GateCommit> commit{};
  std::optional<std::uint64_t> repeat_s{};
  std::optional<NotModified> not_modified{};
  std::optional<GateCors> cors{};
  std::optional<LatePolicy> late_policy{};
  std::optional<Msat> min_credit{};
  std::optional<Msat> max_price{};
  std::optional<std::string> price_url{};  ///< empty: none
};

/// The gate after the change. Pure. Fails with invalid_request: a match that is no `is_gate_match`, a setting of another mode, a
/// minimum above the price of a request or of a payment.
Result<Gate> changed(Gate gate, const GateChange& change);

/// Yields the gate's JSON. Fails with invalid_request; limit_exceeded (gates_max).
Task<Result<std::string>> create_gate(Context& cx, TenantScope tenant, GateChange asked, IdempotencyClaim claim);
Task<Result<Listed<Gate>>> list_gates(Context& cx, TenantScope tenant, Page page);
/// A closed gate as well. Fails with not_found, as all below.
Task<Result<Stored<Gate>>> find_gate(Context& cx, TenantScope tenant, GateId id);
/// Applies to new challenges: issued ones keep their terms and price. Fails with invalid_request.
Task<Result<Gate>> change_gate(Context& cx, TenantScope tenant, GateId id, GateChange change);

/// A new sealed secret. `id` names the gate.
Result<std::string> new_gate_secret(const Context& cx, const TenantScope& tenant, const GateId& id, Random& random);
/// For a session that has changed a gate.
void clear_gate_cache(const Context& cx);

}  // namespace lntpay
